/** How a checkpoint stands in `fairlead_feeds`, for the statements of the three dialects. */
import type { CheckpointRow } from './dialect.ts';

/** The table. */
export const feedsTable = 'fairlead_feeds';

/** Its primary key. */
export const feedKeyColumns = ['account', 'api_group', 'resource', 'namespace'] as const;

/** What a checkpoint changes of a row that is there. */
export const checkpointColumns = [
  'version',
  'kind',
  'is_namespaced',
  'type',
  'resource_version',
  'as_of_ms',
  'policy',
  'ahead',
  'updated_at_ms',
] as const;

/** What a row begins with that nobody has told the state of: column and SQL literal. */
export const firstState = [
  ['state', `''`],
  ['reason', `''`],
  ['state_since_ms', '0'],
] as const;

/** The columns that have a parameter, in order. */
export const checkpointParameters = [...feedKeyColumns, ...checkpointColumns] as const;

/** The parameters of a row. */
export function checkpointValues(row: CheckpointRow): (string | number)[] {
  return checkpointParameters.map((column) => row[column]);
}

/**
 * The statement of the dialects that know `ON CONFLICT`.
 * @param parameter - how the parameter at a place, from 1, is written
 */
export function upsertCheckpointText(parameter: (place: number) => string): string {
  const columns = [...checkpointParameters, ...firstState.map(([column]) => column)];
  const values = [
    ...checkpointParameters.map((_, at) => parameter(at + 1)),
    ...firstState.map(([, literal]) => literal),
  ];
  return `
  INSERT INTO ${feedsTable} (${columns.join(', ')}) VALUES (${values.join(', ')})
  ON CONFLICT (${feedKeyColumns.join(', ')}) DO UPDATE SET
  ${checkpointColumns.map((column) => `${column} = excluded.${column}`).join(', ')}`;
}
