/** The bridges in `fairlead_bridges` (primary key `bridge_id`). */
import { noDoor, type BridgeBeats, type BridgeDoor, type StoredBridge } from './bridge-beats.ts';
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
  readonly address: string;
  readonly public_key: string | null;
  readonly certificate: string | null;
}

const table = 'fairlead_bridges';

/** The beats of one database. */
export function createBridgeBeats({ dialect, clock, retrying }: BridgeBeatsDeps): BridgeBeats {
  return {
    beat: (bridgeId, door = noDoor) =>
      retrying('beat', () => beat(dialect, { bridgeId, door, nowMs: clock.nowMs() })),
    list: () => retrying('listBridges', () => listBridges(dialect)),
    forget: (bridgeIds) => retrying('forgetBridges', () => forget(dialect, bridgeIds)),
  };
}

interface Beat {
  readonly bridgeId: string;
  readonly door: BridgeDoor;
  readonly nowMs: number;
}

async function beat({ knex }: Dialect, { bridgeId, door, nowMs }: Beat): Promise<void> {
  const { address, publicKey: public_key, certificate } = door;
  const written = { beat_at_ms: nowMs, address, public_key, certificate };
  const counted = await knex<BridgeRow>(table)
    .where({ bridge_id: bridgeId })
    .update({ ...written, beat: knex.raw('beat + 1') });
  if (counted > 0) return;
  const row = { ...written, bridge_id: bridgeId, beat: 1, started_at_ms: nowMs };
  await knex<BridgeRow>(table).insert(row).onConflict('bridge_id').ignore();
}

async function listBridges({ knex }: Dialect): Promise<StoredBridge[]> {
  const rows = await knex<BridgeRow>(table).select('*').orderBy('bridge_id');
  return rows.map((row) => ({
    bridgeId: row.bridge_id,
    beat: Number(row.beat),
    startedAtMs: Number(row.started_at_ms),
    beatAtMs: Number(row.beat_at_ms),
    door: {
      address: row.address,
      publicKey: row.public_key ?? '',
      certificate: row.certificate ?? '',
    },
  }));
}

async function forget({ knex }: Dialect, bridgeIds: readonly string[]): Promise<void> {
  if (bridgeIds.length === 0) return;
  await knex<BridgeRow>(table).whereIn('bridge_id', bridgeIds).delete();
}
