/**
 * The feeds of one account in one registration: from the bridge's acceptance until the link is
 * lost, the account is taken away or its configuration changes. Nothing of it outlives that: the
 * next registration begins at the checkpoints that the bridge hands out.
 */
import type { AccountAccepted, FeedCheckpoint } from '@fairlead/protocol';
import type {
  Checkpoint,
  DeltaSink,
  FeedKey,
  FeedName,
  FeedOutput,
  FeedStatus,
  ObjectPolicy,
} from '@fairlead/watch-engine';
import type { AccountConfig } from './account-config.ts';
import { AccountOutlet } from './account-outlet.ts';
import type { BatchScheduler, SendingFeed } from './batch-scheduler.ts';
import { FeedOnLink } from './feed-on-link.ts';
import { FeedSender, type FeedSenderDeps } from './feed-sender.ts';
import { FeedVerifier, type ListsMetadata } from './feed-verifier.ts';
import { feedViews } from './feed-view.ts';
import type { LingerClock } from './linger-queue.ts';
import { QuietCheckpoints } from './quiet-checkpoints.ts';
import { ThriftyOutput, type StoredRows } from './thrifty-output.ts';

/** Follows the resource types of one cluster; the watch engine's `AccountWatcher`. */
export interface Watcher {
  /** Runs until `signal` aborts; rejects on a fault only. */
  run(signal: AbortSignal): Promise<void>;
  /** Takes a new snapshot of a feed, if it watches. */
  relist(feed: FeedName): void;
  /** Lists what a feed would send, by its metadata; rejects when `signal` is aborted. */
  listMetadata: ListsMetadata['listMetadata'];
}

/** What a watcher is made from. */
export interface WatcherRequest {
  /** Receives the deltas. */
  readonly sink: DeltaSink;
  /** Where feeds go on. */
  readonly checkpoints: readonly Checkpoint[];
  /** Kinds to follow; empty: the engine's default. */
  readonly kinds: readonly string[];
  /** To be called after each round of opening and retiring feeds. */
  readonly onPlanned: () => void;
}

/** What a feeding works with. */
export interface AccountFeedingDeps extends Pick<FeedSenderDeps, 'link' | 'budget'> {
  /** Logs and metrics. */
  readonly observer: FeedSenderDeps['observer'] & {
    /** So many objects of a snapshot need not be sent. */
    readonly kept: (objects: number) => void;
  };
  /** Whose batch goes next on the link. */
  readonly scheduler: BatchScheduler;
  /** Time. */
  readonly clock: LingerClock;
  /** Feeds of the link by number, for acknowledgements; shared by its accounts. */
  readonly feedsById: Map<number, FeedOnLink>;
  /** Fingerprint of what is cut out of objects. */
  readonly policy: string;
  /** What may leave the cluster. */
  readonly objects: ObjectPolicy;
  /** A checkpoint from before is no good: its feed lists. Unix milliseconds, 0 for none. */
  readonly resumesSinceMs: number;
  /** Makes the watcher. */
  readonly createWatcher: (request: WatcherRequest) => Watcher;
  /** The watcher ended by itself. */
  readonly onFailure: (error: unknown) => void;
}

/** A feed as `/watches` shows it. */
export interface FeedReport {
  /** Which feed. */
  readonly feed: FeedKey;
  /** How it is. */
  readonly status: FeedStatus;
}

/** How often a stopping feeding looks whether everything was acknowledged, in milliseconds. */
const settleCheckMs = 20;

/** Runs the feeds of one registration. */
export class AccountFeeding {
  /** Epoch of the registration. */
  readonly epoch: number;
  readonly #account: AccountConfig;
  readonly #deps: AccountFeedingDeps;
  readonly #outlet: AccountOutlet<SendingFeed>;
  readonly #quiet: QuietCheckpoints;
  readonly #senderDeps: FeedSenderDeps;
  readonly #feeds = new Map<string, FeedOnLink>();
  readonly #checkpoints: ReadonlyMap<string, FeedCheckpoint>;
  readonly #watcher: Watcher;
  readonly #verifier: FeedVerifier;
  readonly #stopping = new AbortController();
  readonly #toRetire = new Map<string, FeedName>();

  constructor(account: AccountConfig, answer: AccountAccepted, deps: AccountFeedingDeps) {
    this.epoch = answer.epoch;
    this.#account = account;
    this.#deps = deps;
    const { link, scheduler, budget, clock, observer, policy, objects } = deps;
    const { name } = account;
    this.#outlet = new AccountOutlet(answer.creditBytes, scheduler);
    const viewOf = feedViews(account, objects);
    const own = { account: name, epoch: this.epoch, policy, viewOf, outlet: this.#outlet };
    const flushLater = scheduler.flushLater.bind(scheduler);
    this.#quiet = new QuietCheckpoints({ link, flushLater, ...own });
    this.#senderDeps = {
      ...{ link, scheduler, budget, clock, observer, quiet: this.#quiet },
      ...{ bytes: budget.of(name), ...own },
    };
    const sink: DeltaSink = {
      open: (feed) => this.#open(feed),
      retire: (feed) => this.#retire(feed),
    };
    const kinds = kindsToFollow(account.kinds, answer.kinds);
    this.#checkpoints = new Map(answer.checkpoints.map((each) => [feedNameKey(each), each]));
    const checkpoints = resumableCheckpoints(answer, {
      maxAgeMs: account.maxResumableResourceAgeMs ?? Infinity,
      nowMs: clock.nowMs(),
      isOfPolicy: (checkpoint) => this.#isOfPolicy(checkpoint),
    });
    const onPlanned = (): void => this.#sendRetirements();
    this.#watcher = deps.createWatcher({ sink, checkpoints, kinds, onPlanned });
    this.#verifier = new FeedVerifier({
      watcher: this.#watcher,
      answer: (value) => link.send({ $case: 'feedDigest', value }),
      signal: this.#stopping.signal,
    });
    void this.#run(this.#watcher);
  }

  /** More credits from the bridge; those of another epoch are not meant for this registration. */
  grant(bytes: number, epoch: number): void {
    if (epoch === this.epoch) this.#outlet.grant(bytes);
  }

  /** Bytes that may still be sent. */
  get creditBytes(): number {
    return this.#outlet.balanceBytes;
  }

  /** The feeds and how they are. */
  feeds(): FeedReport[] {
    return this.#senders().map((sender) => ({
      feed: sender.feed,
      status: sender.currentStatus,
    }));
  }

  /** Stops reading, then waits until what was read is acknowledged, or `signal` aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.#quiet.flush();
    while (!signal.aborted && this.#senders().some((sender) => !sender.isSettled)) {
      await this.#deps.clock.sleep(settleCheckMs, signal).catch(ignoreAbort);
    }
  }

  /** Stops at once; what is not sent is dropped. */
  close(): void {
    this.#stopping.abort();
    for (const key of [...this.#feeds.keys()]) this.#end(key);
  }

  #senders(): FeedSender[] {
    return [...this.#feeds.values()].map(({ sender }) => sender);
  }

  async #run(watcher: Watcher): Promise<void> {
    const { signal } = this.#stopping;
    try {
      await watcher.run(signal);
      if (!signal.aborted) this.#deps.onFailure(new Error('the watcher ended by itself'));
    } catch (error: unknown) {
      if (!signal.aborted) this.#deps.onFailure(error);
    }
  }

  #open(feed: FeedKey): FeedOutput {
    const key = feedNameKey(feed);
    this.#end(key);
    this.#toRetire.delete(key);
    const sender = new FeedSender(this.#senderDeps, feed);
    const { clock, observer } = this.#deps;
    const kept = (objects: number): void => observer.kept(objects);
    const output = new ThriftyOutput({ sender, stored: this.#storedOf(key), clock, kept });
    const relist = (name: FeedName): void => this.#watcher.relist(name);
    const opened = new FeedOnLink({ sender, output, verifier: this.#verifier, relist });
    this.#feeds.set(key, opened);
    this.#deps.feedsById.set(sender.feedId, opened);
    return output;
  }

  #storedOf(key: string): StoredRows {
    const checkpoint = this.#checkpoints.get(key);
    if (checkpoint === undefined) return 'none';
    return this.#isOfPolicy(checkpoint) ? 'same' : 'other';
  }

  /** Whether a feed's rows are what they would be now; a bridge that cannot tell is taken at its word. */
  #isOfPolicy({ asOfMs, policy }: FeedCheckpoint): boolean {
    const { link, policy: ours, resumesSinceMs } = this.#deps;
    return asOfMs >= resumesSinceMs && (!link.terms.hasAntiEntropy || policy === ours);
  }

  #retire(feed: FeedName): void {
    const key = feedNameKey(feed);
    this.#end(key);
    this.#toRetire.set(key, feed);
  }

  /** After the round's OpenFeed messages, so that the bridge can keep what another feed covers. */
  #sendRetirements(): void {
    const account = this.#account.name;
    for (const { group, resource, kind, namespace } of this.#toRetire.values()) {
      const value = { account, epoch: this.epoch, group, resource, kind, namespace };
      this.#deps.link.send({ $case: 'retireFeed', value });
    }
    this.#toRetire.clear();
  }

  #end(key: string): void {
    const feed = this.#feeds.get(key);
    if (feed === undefined) return;
    this.#feeds.delete(key);
    this.#deps.feedsById.delete(feed.sender.feedId);
    feed.close();
  }
}

/**
 * What the bridge wants, limited to what the account's owner allows. When the two have nothing in
 * common the owner's list stands: an empty one would mean "all the usual kinds".
 */
export function kindsToFollow(
  configured: readonly string[],
  wanted: readonly string[],
): readonly string[] {
  if (configured.length === 0) return wanted;
  if (wanted.length === 0) return configured;
  const folded = new Set(wanted.map((kind) => kind.toLowerCase()));
  const both = configured.filter((kind) => folded.has(kind.toLowerCase()));
  return both.length > 0 ? both : configured;
}

/**
 * The checkpoints; one that is older than the account's owner allows, or than the policy of what may
 * leave, keeps its feed's name but not its resourceVersion, so that the feed lists.
 */
export function resumableCheckpoints(
  { checkpoints }: Pick<AccountAccepted, 'checkpoints'>,
  bounds: {
    readonly maxAgeMs: number;
    readonly nowMs: number;
    readonly isOfPolicy: (checkpoint: FeedCheckpoint) => boolean;
  },
): Checkpoint[] {
  const { maxAgeMs, nowMs, isOfPolicy } = bounds;
  return checkpoints.map((stored) => {
    const { asOfMs, policy: _, ...checkpoint } = stored;
    return nowMs - asOfMs <= maxAgeMs && isOfPolicy(stored)
      ? checkpoint
      : { ...checkpoint, resourceVersion: '' };
  });
}

function feedNameKey(feed: Pick<FeedKey, 'group' | 'resource' | 'namespace'>): string {
  return `${feed.group}/${feed.resource}/${feed.namespace}`;
}

function ignoreAbort(): void {
  // The loop looks at the signal next.
}
