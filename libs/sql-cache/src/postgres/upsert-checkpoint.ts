/** Writes how far a feed is (primary key of `fairlead_feeds`). */
import {
  checkpointColumns,
  checkpointParameters,
  checkpointValues,
  feedKeyColumns,
  feedsTable,
  firstState,
} from '../checkpoint-columns.ts';
import type { CheckpointRow } from '../dialect.ts';
import type { PgStatement } from './pg-connection.ts';

const columns = [...checkpointParameters, ...firstState.map(([column]) => column)];
const values = [
  ...checkpointParameters.map((_, at) => `$${at + 1}`),
  ...firstState.map(([, literal]) => literal),
];
const text = `
  INSERT INTO ${feedsTable} (${columns.join(', ')}) VALUES (${values.join(', ')})
  ON CONFLICT (${feedKeyColumns.join(', ')}) DO UPDATE SET
  ${checkpointColumns.map((column) => `${column} = excluded.${column}`).join(', ')}`;

/** One statement for a feed. */
export function upsertCheckpoint(row: CheckpointRow): PgStatement {
  return { text, values: checkpointValues(row) };
}
