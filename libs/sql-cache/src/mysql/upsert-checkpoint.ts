/** Writes how far a feed is (primary key of `fairlead_feeds`). */
import type { Connection } from 'mysql2';
import {
  checkpointColumns,
  checkpointParameters,
  checkpointValues,
  feedsTable,
  firstState,
} from '../checkpoint-columns.ts';
import type { CheckpointRow } from '../dialect.ts';
import { changePrepared, placeholders } from './mysql-connection.ts';

const columns = [...checkpointParameters, ...firstState.map(([column]) => column)];
const literals = firstState.map(([, literal]) => literal);
const text = `
  INSERT INTO ${feedsTable} (${columns.join(', ')})
  VALUES (${placeholders(checkpointParameters.length)}, ${literals.join(', ')})
  ON DUPLICATE KEY UPDATE
  ${checkpointColumns.map((column) => `${column} = VALUES(${column})`).join(', ')}`;

/** One statement for a feed. */
export async function upsertCheckpoint(connection: Connection, row: CheckpointRow): Promise<void> {
  await changePrepared(connection, { text, values: checkpointValues(row) });
}
