/**
 * Answers an agent that begins a snapshot over stored rows: which of its objects need not be sent.
 * Rows that are not what was written are distrusted on the way, so that they are written anew.
 */
import { maxKnownObjects } from '@fairlead/protocol';
import { type RowKey, type SqlCache } from '@fairlead/sql-cache';
import { type FeedIntake } from './feed-intake.ts';
import { KnownRows } from './known-rows.ts';
import { type BridgeSays } from './link-session.ts';
import { RowVersions } from './row-versions.ts';
import { scanVersions, type ScanDeps } from './scan-versions.ts';

/** What an offer works with. */
export interface OfferDeps extends ScanDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'listIds' | 'versionsOf' | 'commit'>;
}

/** Who asks. */
export interface OfferRequest {
  /** The feed. */
  readonly intake: FeedIntake;
  /** The snapshot that waits. */
  readonly snapshot: number;
  /** The epoch that is written by. */
  readonly epoch: number;
  /** Tells the agent. */
  readonly send: (message: BridgeSays) => void;
}

/** Tells the agent, unless the snapshot is over or given up before. */
export async function offerKnownRows(request: OfferRequest, deps: OfferDeps): Promise<void> {
  const { intake, snapshot, epoch, send } = request;
  const rows = new RowVersions();
  let count = 0;
  for await (const page of scanVersions(intake, deps)) {
    if (intake.askedSnapshot !== snapshot) return;
    for (const { id, state } of page) rows.read(id, state);
    const unsound = page.filter(({ state }) => state.kind === 'unsound').map(({ id }) => id);
    await distrust(unsound, { intake, epoch, cache: deps.cache });
    count += page.length;
    // The agent does not wait for ever, and takes no more.
    if (count >= maxKnownObjects) break;
  }
  const known = new KnownRows(rows);
  if (!intake.tell(snapshot, known)) return;
  const { feedId } = intake.feed;
  send({ $case: 'knownObjects', value: { feedId, snapshot, versions: known.versions } });
}

/** An agent that asks for rows which another feed writes: nothing is known of this feed's. */
export function offerNothing({ intake, snapshot, send }: Omit<OfferRequest, 'epoch'>): void {
  const { feedId } = intake.feed;
  send({ $case: 'knownObjects', value: { feedId, snapshot, versions: new Uint8Array(0) } });
}

/** Has rows of a feed written anew when their objects come, whatever their hashes say. */
export async function distrust(
  ids: readonly string[],
  feed: {
    readonly intake: FeedIntake;
    readonly epoch: number;
    readonly cache: Pick<SqlCache, 'commit'>;
  },
): Promise<void> {
  if (ids.length === 0) return;
  const { type, agent } = feed.intake;
  const { account } = feed.intake.feed;
  const distrusted = ids.map((id): RowKey => ({ type, id, agent }));
  const nothing = { upserts: [], deletes: [], checkpoints: [], retired: [] };
  await feed.cache.commit({ account, epoch: feed.epoch, ...nothing, distrusted });
}
