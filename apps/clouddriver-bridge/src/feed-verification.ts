/**
 * One verification of one feed: reads the rows' versions, asks the cluster for its digest, and where
 * they differ has the feed take a snapshot, which brings what is missing and removes what is too
 * much. `anti-entropy.ts` says when.
 */
import { type SqlCache } from '@fairlead/sql-cache';
import { FeedAudit } from './feed-audit.ts';
import { type FeedIntake } from './feed-intake.ts';
import { type BridgeSays } from './link-session.ts';
import { distrust } from './offer-known-rows.ts';
import { RepairTally, type RepairedRows } from './repair-tally.ts';
import { scanVersions, type ScanDeps } from './scan-versions.ts';

/** What a verification works with. */
export interface VerificationDeps extends ScanDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'listIds' | 'versionsOf' | 'commit'>;
  /** Time. */
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
}

/** The feed. */
export interface VerificationRequest {
  /** Its rows. */
  readonly intake: FeedIntake;
  /** The epoch that is written by. */
  readonly epoch: number;
  /** Resolves when what deltas have said so far is in the database. */
  readonly flushed: () => Promise<void>;
  /** Asks the agent. */
  readonly send: (message: BridgeSays) => void;
  /** A difference that a repair did not mend, `''` for none: another repair would not either. */
  readonly knownDifference: string;
  /** How long deltas may be behind a list before a difference counts as one, in ms. */
  readonly settleMs: number;
  /** Waits for nothing but time and deltas: others may go on meanwhile. */
  readonly aside: (waiting: Promise<void>) => Promise<void>;
}

/** What came of it. */
export type VerificationOutcome =
  | /** The rows are what the cluster holds. */ { readonly kind: 'equal' }
  | /** They were not, and have been written anew. */ {
      readonly kind: 'repaired';
      readonly rows: RepairedRows;
      /** The difference as it was. */
      readonly difference: string;
    }
  | /** They differ as before: in objects that can have no row, or in what nobody can mend. */ {
      readonly kind: 'sameDifference';
    }
  | /** It could not be told, or not be repaired. */ {
      readonly kind: 'failed';
      readonly reason: string;
    };

/**
 * How long the cluster may take for its list, in ms: of a million objects, and after the lists of the
 * account's other feeds.
 */
const answerTimeoutMs = 300_000;
/** How long the snapshot of a repair may take, in ms. */
const repairTimeoutMs = 900_000;
/** Rows that are distrusted in one repair; the next one goes on. */
const maxDistrusted = 10_000;

/** Verifies a feed that watches. */
export async function verifyFeed(
  request: VerificationRequest,
  deps: VerificationDeps,
): Promise<VerificationOutcome> {
  const audit = new FeedAudit();
  const { intake } = request;
  intake.beginAudit(audit);
  try {
    const unsound = await readRows(audit, request, deps);
    await within(deps.clock, answerTimeoutMs, audit.answered);
    const difference = await settledDifference(audit, request, deps);
    if (difference === undefined) return { kind: 'equal' };
    if (difference.kind === 'failed') return difference;
    if (difference.signature === request.knownDifference) return { kind: 'sameDifference' };
    return await repair({ unsound, difference: difference.signature }, request, deps);
  } finally {
    if (intake.audit === audit) intake.endAudit('over');
  }
}

/** Reads all rows and asks the cluster; answers the rows that are not what was written. */
async function readRows(
  audit: FeedAudit,
  { intake, flushed, send }: VerificationRequest,
  deps: VerificationDeps,
): Promise<readonly string[]> {
  // What was taken before the audit began must be in the rows when they are read.
  await flushed();
  const unsound: string[] = [];
  for await (const page of scanVersions(intake, deps)) {
    if (audit.isFailed) return unsound;
    audit.read(page);
    for (const { id, state } of page) if (state.kind === 'unsound') unsound.push(id);
  }
  const buckets = audit.scanned();
  if (!audit.isFailed) {
    send({ $case: 'verifyFeed', value: { feedId: intake.feed.feedId, buckets } });
  }
  return unsound;
}

/** The difference once no delta on its way explains it; nothing if there is none. */
async function settledDifference(
  audit: FeedAudit,
  { settleMs, aside, knownDifference }: VerificationRequest,
  { clock }: VerificationDeps,
): Promise<
  | undefined
  | { readonly kind: 'different'; readonly signature: string }
  | { readonly kind: 'failed'; readonly reason: string }
> {
  const first = audit.verdict();
  if (first.kind === 'different' && first.signature !== knownDifference) {
    await aside(within(clock, settleMs, audit.settled));
  }
  const verdict = audit.verdict();
  switch (verdict.kind) {
    case 'equal':
      return undefined;
    case 'open':
      return { kind: 'failed', reason: 'the cluster did not answer in time' };
    case 'different':
    case 'failed':
      return verdict;
  }
}

async function repair(
  found: { readonly unsound: readonly string[]; readonly difference: string },
  { intake, epoch, send }: VerificationRequest,
  { cache, clock }: VerificationDeps,
): Promise<VerificationOutcome> {
  await distrust(found.unsound.slice(0, maxDistrusted), { intake, epoch, cache });
  const tally = new RepairTally();
  intake.beginRepair(tally);
  send({ $case: 'relistFeed', value: { feedId: intake.feed.feedId } });
  await within(clock, repairTimeoutMs, tally.ended);
  intake.endRepair();
  const rows = await tally.ended;
  if (rows === undefined) return { kind: 'failed', reason: 'the repair did not come to its end' };
  return { kind: 'repaired', rows, difference: found.difference };
}

/** Waits, but not for ever; what has not come by then has not come. */
async function within(
  clock: VerificationDeps['clock'],
  ms: number,
  work: Promise<unknown>,
): Promise<void> {
  const done = new AbortController();
  const timeout = clock.sleep(ms, done.signal).catch(ignoreAbort);
  await Promise.race([work, timeout]);
  done.abort();
}

function ignoreAbort(): void {
  // Nobody waits any more.
}
