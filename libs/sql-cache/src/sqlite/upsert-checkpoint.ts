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
import type { SqliteConnection } from './node-sqlite-client.ts';

const columns = [...checkpointParameters, ...firstState.map(([column]) => column)];
const values = [
  ...checkpointParameters.map(() => '?'),
  ...firstState.map(([, literal]) => literal),
];
const text = `
  INSERT INTO ${feedsTable} (${columns.join(', ')}) VALUES (${values.join(', ')})
  ON CONFLICT (${feedKeyColumns.join(', ')}) DO UPDATE SET
  ${checkpointColumns.map((column) => `${column} = excluded.${column}`).join(', ')}`;

/** One statement for a feed. */
export function upsertCheckpoint(connection: SqliteConnection, row: CheckpointRow): void {
  connection.prepare(text).run(...checkpointValues(row));
}
