/** How an account stands, as the API tells it: from the registry's view and the writer's feeds. */
import { type AccountView } from '@fairlead/account-registry';
import { type OpenedFeed } from './account-feeds.ts';

/** The states of the API. */
export type AccountApiState =
  | /** The database is being asked who may feed it. */ 'connecting'
  | /** Fed, but not every feed has a whole snapshot. */ 'syncing'
  | /** Fed and complete. */ 'synced'
  | /** Fed, but some feed cannot reach the cluster, or none may read it: rows are old. */ 'stale'
  | /** Nobody feeds it; the rows stay until its grace period is over. */ 'disconnected'
  | /** Nobody may feed it. */ 'rejected';

/** State and freshness of an account. */
export interface AccountStatus {
  /** State. */
  readonly state: AccountApiState;
  /** Why, for people; `''` when all is well. */
  readonly reason: string;
  /** Up to when its rows are known to be true, epoch milliseconds; 0 if never. */
  readonly asOfMs: number;
  /**
   * How far it is behind, ms: how long the oldest change waits to be committed, 0 if none does; for
   * an account that is not synced, the age of `asOfMs`. `undefined` if it never had anything.
   */
  readonly lagMs: number | undefined;
}

/** What the status is made of. */
export interface StatusFacts {
  /** The registry's view. */
  readonly view: AccountView;
  /** The writer's feeds, none if nobody feeds. */
  readonly feeds: readonly OpenedFeed[];
  /** What is stored of accounts that this bridge does not feed. */
  readonly stored: {
    /** Up to when all of it is known to be true, epoch milliseconds; 0 if nothing is stored. */
    readonly asOfMs: number;
    /** Whether every feed has a whole snapshot. */
    readonly isComplete: boolean;
    /** Whether the bridge that feeds it was seen to live. */
    readonly doesFeederLive: boolean;
  };
  /** Since when the oldest change waits to be committed, epoch milliseconds. */
  readonly oldestWaitingMs: number | undefined;
  /** Now. */
  readonly nowMs: number;
}

/** Of accounts that this bridge feeds. */
export const nothingStored: StatusFacts['stored'] = Object.freeze({
  ...{ asOfMs: 0, isComplete: false, doesFeederLive: false },
});

/** The status of one account. */
export function accountStatus(facts: StatusFacts): AccountStatus {
  const { view, nowMs } = facts;
  if (view.state === 'elsewhere') return statusElsewhere(facts);
  const feeds = countedFeeds(facts.feeds);
  const { state, reason } = stateOf(view, feeds);
  const asOfMs = feeds.length > 0 ? oldest(feeds) : facts.stored.asOfMs;
  // A quiet feed's asOf is that of its last bookmark, though nothing has changed since.
  const behindSinceMs = state === 'synced' ? (facts.oldestWaitingMs ?? nowMs) : asOfMs;
  const lagMs = asOfMs === 0 ? undefined : Math.max(0, nowMs - behindSinceMs);
  return { state, reason, asOfMs, lagMs };
}

/** Of an account that another bridge feeds: how far that is behind, only that one knows. */
function statusElsewhere({ view, stored }: StatusFacts): AccountStatus {
  const { asOfMs, isComplete, doesFeederLive } = stored;
  const reason = `fed through bridge ${view.bridgeId}`;
  const state = isComplete ? 'synced' : 'syncing';
  return { state: doesFeederLive ? state : 'connecting', reason, asOfMs, lagMs: undefined };
}

/**
 * Feeds that say something about the account: not those that it does not use, and those that it may
 * not read only where there is nothing else.
 */
function countedFeeds(feeds: readonly OpenedFeed[]): readonly OpenedFeed[] {
  const used = feeds.filter(({ condition }) => condition !== 'retired' && condition !== 'shadowed');
  const readable = used.filter(({ condition }) => condition !== 'forbidden');
  return readable.length > 0 ? readable : used;
}

function stateOf(
  view: AccountView,
  feeds: readonly OpenedFeed[],
): { state: AccountApiState; reason: string } {
  if (view.state === 'connecting') return { state: 'connecting', reason: view.reason };
  if (view.state !== 'feeding') return { state: 'disconnected', reason: view.reason };
  const broken = feeds.find(({ condition }) => condition === 'lost' || condition === 'expired');
  if (broken !== undefined) {
    const { resource } = broken.intake.feed;
    return { state: 'stale', reason: `${resource}: ${broken.reason || broken.condition}` };
  }
  const [first] = feeds;
  if (first?.condition === 'forbidden') return { state: 'stale', reason: forbiddenReason(first) };
  const incomplete = feeds.filter((feed) => !isComplete(feed)).length;
  if (feeds.length === 0) return { state: 'syncing', reason: 'no feed is open yet' };
  if (incomplete === 0) return { state: 'synced', reason: '' };
  return { state: 'syncing', reason: `${incomplete} of ${feeds.length} feeds are not complete` };
}

/** Of an account of which this and every other feed is forbidden. */
function forbiddenReason({ intake, reason }: OpenedFeed): string {
  const all = 'every kind is forbidden';
  return reason === '' ? all : `${all}; ${intake.feed.resource}: ${reason}`;
}

function isComplete({ intake, condition }: OpenedFeed): boolean {
  const hasSnapshot = intake.committed.resourceVersion !== '' && !intake.isInSnapshot;
  return hasSnapshot && condition === 'watching';
}

function oldest(feeds: readonly OpenedFeed[]): number {
  return Math.min(...feeds.map(({ intake }) => intake.committed.asOfMs));
}
