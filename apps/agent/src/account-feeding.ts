/**
 * The feeds of one account in one registration: from the bridge's acceptance until the link is
 * lost, the account is taken away or its configuration changes. Nothing of it outlives that: the
 * next registration begins at the checkpoints that the bridge hands out.
 */
import type { AccountAccepted } from '@fairlead/protocol';
import type {
  Checkpoint,
  DeltaSink,
  FeedKey,
  FeedName,
  FeedOutput,
  FeedStatus,
} from '@fairlead/watch-engine';
import type { AccountConfig } from './account-config.ts';
import { AccountOutlet } from './account-outlet.ts';
import type { BatchScheduler, SendingFeed } from './batch-scheduler.ts';
import { FeedSender, type FeedSenderDeps } from './feed-sender.ts';
import type { LingerClock } from './linger-queue.ts';
import { QuietCheckpoints } from './quiet-checkpoints.ts';

/** Follows the resource types of one cluster; the watch engine's `AccountWatcher`. */
export interface Watcher {
  /** Runs until `signal` aborts; rejects on a fault only. */
  run(signal: AbortSignal): Promise<void>;
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
export interface AccountFeedingDeps extends Pick<FeedSenderDeps, 'link' | 'budget' | 'observer'> {
  /** Whose batch goes next on the link. */
  readonly scheduler: BatchScheduler;
  /** Time. */
  readonly clock: LingerClock;
  /** Feeds of the link by number, for acknowledgements; shared by its accounts. */
  readonly feedsById: Map<number, FeedSender>;
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
  readonly #senders = new Map<string, FeedSender>();
  readonly #stopping = new AbortController();
  readonly #toRetire = new Map<string, FeedName>();

  constructor(account: AccountConfig, answer: AccountAccepted, deps: AccountFeedingDeps) {
    this.epoch = answer.epoch;
    this.#account = account;
    this.#deps = deps;
    const { link, scheduler, budget, clock, observer } = deps;
    const { name } = account;
    this.#outlet = new AccountOutlet(answer.creditBytes, scheduler);
    const own = { account: name, epoch: this.epoch, outlet: this.#outlet };
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
    const checkpoints = resumableCheckpoints(answer, {
      maxAgeMs: account.maxResumableResourceAgeMs ?? Infinity,
      sinceMs: deps.resumesSinceMs,
      nowMs: clock.nowMs(),
    });
    const onPlanned = (): void => this.#sendRetirements();
    const watcher = deps.createWatcher({ sink, checkpoints, kinds, onPlanned });
    void this.#run(watcher);
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
    return [...this.#senders.values()].map((sender) => ({
      feed: sender.feed,
      status: sender.currentStatus,
    }));
  }

  /** Stops reading, then waits until what was read is acknowledged, or `signal` aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.#quiet.flush();
    while (!signal.aborted && [...this.#senders.values()].some((sender) => !sender.isSettled)) {
      await this.#deps.clock.sleep(settleCheckMs, signal).catch(ignoreAbort);
    }
  }

  /** Stops at once; what is not sent is dropped. */
  close(): void {
    this.#stopping.abort();
    for (const key of [...this.#senders.keys()]) this.#end(key);
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
    this.#senders.set(key, sender);
    this.#deps.feedsById.set(sender.feedId, sender);
    return sender;
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
    const sender = this.#senders.get(key);
    if (sender === undefined) return;
    this.#senders.delete(key);
    this.#deps.feedsById.delete(sender.feedId);
    sender.close();
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
  bounds: { readonly maxAgeMs: number; readonly sinceMs: number; readonly nowMs: number },
): Checkpoint[] {
  const { maxAgeMs, sinceMs, nowMs } = bounds;
  return checkpoints.map(({ asOfMs, ...checkpoint }) =>
    nowMs - asOfMs <= maxAgeMs && asOfMs >= sinceMs
      ? checkpoint
      : { ...checkpoint, resourceVersion: '' },
  );
}

function feedNameKey(feed: Pick<FeedKey, 'group' | 'resource' | 'namespace'>): string {
  return `${feed.group}/${feed.resource}/${feed.namespace}`;
}

function ignoreAbort(): void {
  // The loop looks at the signal next.
}
