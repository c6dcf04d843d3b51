/** The bridges in `fairlead_bridges` (primary key `bridge_id`). */
import type { BridgeBeats, StoredBridge } from './bridge-beats.ts';
import type { Dialect } from './dialect.ts';
import type { SqlClock } from './sql-cache-options.ts';

/** What the beats need. */
export interface BridgeBeatsDeps {
  readonly dialect: Dialect;
  readonly clock: Pick<SqlClock, 'nowMs'>;
  /** Runs work until it succeeds or fails for good. */
  readonly retrying: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
}

interface BridgeRow {
  readonly bridge_id: string;
  /** PostgreSQL's driver gives 64-bit numbers as text. */
  readonly beat: number | string;
  readonly started_at_ms: number | string;
  readonly beat_at_ms: number | string;
}

const table = 'fairlead_bridges';

/** The beats of one database. */
export function createBridgeBeats({ dialect, clock, retrying }: BridgeBeatsDeps): BridgeBeats {
  return {
    beat: (bridgeId) => retrying('beat', () => beat(dialect, bridgeId, clock.nowMs())),
    list: () => retrying('listBridges', () => listBridges(dialect)),
    forget: (bridgeIds) => retrying('forgetBridges', () => forget(dialect, bridgeIds)),
  };
}

async function beat(dialect: Dialect, bridgeId: string, nowMs: number): Promise<void> {
  const { knex } = dialect;
  const counted = await knex<BridgeRow>(table)
    .where({ bridge_id: bridgeId })
    .update({ beat: knex.raw('beat + 1'), beat_at_ms: nowMs });
  if (counted > 0) return;
  const row = { bridge_id: bridgeId, beat: 1, started_at_ms: nowMs, beat_at_ms: nowMs };
  await knex<BridgeRow>(table).insert(row).onConflict('bridge_id').ignore();
}

async function listBridges({ knex }: Dialect): Promise<StoredBridge[]> {
  const rows = await knex<BridgeRow>(table).select('*').orderBy('bridge_id');
  return rows.map((row) => ({
    bridgeId: row.bridge_id,
    beat: Number(row.beat),
    startedAtMs: Number(row.started_at_ms),
    beatAtMs: Number(row.beat_at_ms),
  }));
}

async function forget({ knex }: Dialect, bridgeIds: readonly string[]): Promise<void> {
  if (bridgeIds.length === 0) return;
  await knex<BridgeRow>(table).whereIn('bridge_id', bridgeIds).delete();
}
