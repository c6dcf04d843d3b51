/** Writes how far a feed is (primary key of `fairlead_feeds`). */
import { checkpointValues, upsertCheckpointText } from '../checkpoint-columns.ts';
import type { CheckpointRow } from '../dialect.ts';
import type { PgStatement } from './pg-connection.ts';

const text = upsertCheckpointText((place) => `$${place}`);

/** One statement for a feed. */
export function upsertCheckpoint(row: CheckpointRow): PgStatement {
  return { text, values: checkpointValues(row), isPlannedOnce: true };
}
