/** Writes how far a feed is (primary key of `fairlead_feeds`). */
import { checkpointValues, upsertCheckpointText } from '../checkpoint-columns.ts';
import type { CheckpointRow } from '../dialect.ts';
import type { SqliteConnection } from './node-sqlite-client.ts';

const text = upsertCheckpointText(() => '?');

/** One statement for a feed. */
export function upsertCheckpoint(connection: SqliteConnection, row: CheckpointRow): void {
  connection.prepare(text).run(...checkpointValues(row));
}
