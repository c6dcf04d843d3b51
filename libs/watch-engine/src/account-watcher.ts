/**
 * Follows one account: discovers what its cluster serves, runs a feed for each wanted type, and
 * starts, replaces or ends only the feeds concerned when the cluster's API changes.
 */
import { apiChangeOutput, isApiType } from './api-change-output.ts';
import { OVER, withinTime } from './aborting.ts';
import { backoff, obeying } from './backoff.ts';
import type { ClusterApi, Clock, Random } from './cluster-api.ts';
import type { Checkpoint, DeltaSink, FeedStatus } from './delta-sink.ts';
import { describeDiscoveryFailure, discover, type Catalog } from './discover.ts';
import { FeedDriver, type FeedDeps } from './feed-driver.ts';
import type { ScannerFactory } from './feed-exchange.ts';
import { planFeeds, type PlannedFeed } from './feed-plan.ts';
import type { AccountPermits } from './list-permits.ts';
import { IdleRounds } from './idle-rounds.ts';
import type { MetadataListing, MetadataListRequest } from './metadata-list.ts';
import { objectFilter } from './object-filter.ts';
import { RediscoveryTrigger } from './rediscovery-trigger.ts';
import { feedKeyKey, feedNameKey, type FeedKey, type FeedName } from './resource-type.ts';
import { ServerPosition } from './server-position.ts';
import { WatchEngineError } from './watch-engine-error.ts';
import { noObserver, type WatchObserver } from './watch-observer.ts';
import {
  resolveWatchOptions,
  type ResolvedWatchOptions,
  type WatchOptions,
} from './watch-options.ts';

/** What one account's watching is made of. */
export interface AccountWatcherDeps {
  /** The cluster's API server, with the account's credentials. */
  readonly api: ClusterApi;
  /** Where the account's feeds go. */
  readonly sink: DeltaSink;
  /** For pauses, watchdogs and the times on deltas. */
  readonly clock: Clock;
  /** For the jitter of pauses. */
  readonly random: Random;
  /** `listPermits.forAccount(name)`. */
  readonly permits: AccountPermits;
  /** Told what happens, for logs and metrics; {@link noObserver} for nobody. */
  readonly observer: WatchObserver;
  /** Which types and objects, and how; validated when the watcher is made. */
  readonly options: WatchOptions;
  /** Up to where each feed is committed. */
  readonly checkpoints: readonly Checkpoint[];
  /**
   * uid of the cluster's `kube-system`, if it is known: whose checkpoints these are. When the
   * address answers as another one, `run` rejects. @defaultValue the first that is seen
   */
  readonly clusterUid?: string;
  /** For tests. @defaultValue the scanners of `@fairlead/secret-scrubber` */
  readonly scanners?: ScannerFactory;
}

/** One feed as others see it. */
export interface FeedReport {
  /** Which feed. */
  readonly key: FeedKey;
  /** What it is doing. */
  readonly status: FeedStatus;
}

/** Discoveries that follow a change of the API: it is served a moment after it is announced. */
const RECHECKS_AFTER_CHANGE = 2;
/** The last of them comes so many times `rediscoverMinMs` later. */
const LAST_RECHECK_FACTOR = 5;

interface RunningFeed {
  readonly driver: FeedDriver;
  readonly controller: AbortController;
  readonly done: Promise<void>;
  /** `internal`: watched for changes of the API alone, unknown to the sink. */
  readonly audience: 'sink' | 'internal';
}

/** Watches one account. */
export class AccountWatcher {
  readonly #deps: AccountWatcherDeps;
  readonly #options: ResolvedWatchOptions;
  readonly #feedDeps: FeedDeps;
  readonly #feeds = new Map<string, RunningFeed>();
  readonly #trigger: RediscoveryTrigger;
  readonly #position: ServerPosition;
  #checkpoints: readonly Checkpoint[];
  #rechecks = 0;
  #failed: (error: unknown) => void = () => undefined;

  /** Throws `invalidOptions`. */
  constructor(deps: AccountWatcherDeps) {
    this.#deps = deps;
    this.#options = resolveWatchOptions(deps.options);
    this.#checkpoints = deps.checkpoints;
    this.#trigger = new RediscoveryTrigger(deps.clock);
    const { api, clock, random, permits, observer, scanners } = deps;
    this.#position = new ServerPosition({
      ...{ api, clock },
      timeoutMs: this.#options.tuning.idleTimeoutMs,
      clusterUid: deps.clusterUid ?? '',
      onOtherCluster: () => this.#failed(otherCluster()),
    });
    this.#feedDeps = {
      ...{ api, clock, random, permits, observer },
      idleRounds: new IdleRounds(clock),
      position: this.#options.onlyNamespacedResources ? NOWHERE : this.#position,
      objects: this.#options.objects,
      ...(scanners === undefined ? {} : { scanners }),
      tuning: this.#options.tuning,
      filter: objectFilter(this.#options),
      streaming: { isOffered: true },
      rediscover: () => this.#trigger.ask(),
    };
  }

  /** The feeds that run or wait, and how they are. */
  feeds(): readonly FeedReport[] {
    return [...this.#feeds.values()]
      .filter(({ audience }) => audience === 'sink')
      .map(({ driver }) => ({ key: driver.key, status: driver.status }));
  }

  /** Takes a new snapshot of a feed soon, if it watches: what is stored of it is not to be trusted. */
  relist(feed: FeedName): void {
    this.#feedOf(feed)?.driver.relist();
  }

  /**
   * Lists the metadata of a feed's objects, beside the feed; `take` gets each one that would go out
   * and be kept, lent until it returns. Rejects when `signal` is aborted.
   */
  async listMetadata(
    feed: FeedName,
    take: MetadataListRequest['take'],
    signal: AbortSignal,
  ): Promise<MetadataListing> {
    const driver = this.#feedOf(feed)?.driver;
    return driver?.listMetadata(take, signal) ?? { kind: 'failed', reason: 'not watching' };
  }

  #feedOf(feed: FeedName): RunningFeed | undefined {
    const found = this.#feeds.get(feedNameKey(feed));
    return found?.audience === 'sink' ? found : undefined;
  }

  /** Looks soon what the cluster serves, without waiting for its time. */
  rediscover(): void {
    this.#trigger.ask();
  }

  /**
   * Runs until `signal` is aborted, and resolves when every feed has ended. Rejects with what the
   * sink threw, and with `otherCluster`; whatever else the cluster does wrong is waited out and told
   * to the observer.
   */
  async run(signal: AbortSignal): Promise<void> {
    const controller = new AbortController();
    const stop = (): void => {
      controller.abort(OVER);
      for (const feed of this.#feeds.values()) feed.controller.abort(OVER);
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const failure = new Promise<never>((_, reject) => {
      this.#failed = (error) => {
        reject(error instanceof Error ? error : new Error('a feed failed'));
        stop();
      };
    });
    try {
      this.#learnIdentity();
      await Promise.race([this.#follow(controller.signal), failure]);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      this.#position.close();
      await Promise.all([...this.#feeds.values()].map((feed) => this.#end(feed)));
      this.#feeds.clear();
    }
  }

  /** Whose cluster this is, so that a feed which loses its connection can tell whether it still is. */
  #learnIdentity(): void {
    if (this.#options.onlyNamespacedResources || this.#deps.clusterUid !== undefined) return;
    // A server that is not there will be asked again, by the first feed that needs to know.
    this.#position.locate(this.#position.mark()).catch(() => undefined);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#reconcile(await this.#discover(signal), signal);
        await this.#trigger.wait(this.#pauseBeforeNext(), signal);
      }
    } catch (error: unknown) {
      if (!signal.aborted) throw error;
    }
  }

  async #discover(signal: AbortSignal): Promise<Catalog> {
    const { api, clock, random, observer } = this.#deps;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const timeoutMs = this.#options.tuning.idleTimeoutMs;
        return await withinTime((within) => discover(api, within), { clock, timeoutMs, signal });
      } catch (error: unknown) {
        if (signal.aborted) throw error;
        const retryAfterMs = error instanceof WatchEngineError ? error.retryAfterMs : 0;
        const pause = obeying(retryAfterMs, backoff(attempt, this.#options.tuning));
        const { minMs, maxMs } = pause;
        const pauseMs = minMs + random.next() * (maxMs - minMs);
        observer.discoveryFailed(describeDiscoveryFailure(error), pauseMs);
        await clock.sleep(pauseMs, signal);
      }
    }
  }

  #pauseBeforeNext(): { readonly minMs: number; readonly maxMs: number } {
    const { rediscoverMinMs: minMs, rediscoverEveryMs } = this.#options.tuning;
    if (this.#rechecks === 0) {
      return { minMs, maxMs: rediscoverEveryMs * (1 + this.#deps.random.next() / 5) };
    }
    const factor = this.#rechecks === 1 ? LAST_RECHECK_FACTOR : 1;
    this.#rechecks -= 1;
    return { minMs, maxMs: minMs * factor };
  }

  #onApiChange(): void {
    this.#rechecks = RECHECKS_AFTER_CHANGE;
    this.#trigger.ask();
  }

  async #reconcile(catalog: Catalog, signal: AbortSignal): Promise<void> {
    const plan = planFeeds({
      catalog,
      options: this.#options,
      running: this.feeds().map(({ key }) => key),
      checkpoints: this.#checkpoints,
    });
    for (const key of plan.retire) await this.#retire(key);
    for (const name of plan.retireNames) this.#deps.sink.retire(name);
    for (const key of plan.stop) await this.#stop(key);
    for (const feed of plan.start) this.#start(feed, signal);
    for (const key of plan.confirm) this.#feeds.get(feedNameKey(key))?.driver.discovered();
    await this.#watchApi(catalog, signal);
    this.#forgetCheckpoints(catalog);
    this.#deps.observer.discovered({
      types: catalog.types.length,
      feeds: this.feeds().length,
      incompleteGroups: [...catalog.incompleteGroups],
      unknownKinds: plan.unknownKinds,
    });
  }

  /** A checkpoint is used once, by the first plan that could read its group. */
  #forgetCheckpoints(catalog: Catalog): void {
    this.#checkpoints = this.#checkpoints.filter(
      (checkpoint) =>
        catalog.incompleteGroups.has(checkpoint.group) && !this.#feeds.has(feedNameKey(checkpoint)),
    );
  }

  #start(feed: PlannedFeed, signal: AbortSignal): void {
    const inner = this.#deps.sink.open(feed.key);
    const output = isApiType(feed.key) ? apiChangeOutput(() => this.#onApiChange(), inner) : inner;
    const plan = { key: feed.key, output, checkpoint: feed.resourceVersion };
    const driver = new FeedDriver(plan, this.#feedDeps);
    if (feed.isServed) driver.discovered();
    this.#launch(driver, 'sink', signal);
  }

  /** Follows CRDs and API services for their own sake where nobody else does. */
  async #watchApi(catalog: Catalog, signal: AbortSignal): Promise<void> {
    if (this.#options.onlyNamespacedResources) return;
    const served = new Map(
      catalog.types
        .filter(isApiType)
        .map((type): FeedKey => ({ ...type, namespace: '' }))
        .map((key) => [feedKeyKey(key), key]),
    );
    for (const { driver, audience } of [...this.#feeds.values()]) {
      if (audience !== 'internal') continue;
      if (served.has(feedKeyKey(driver.key))) driver.discovered();
      else if (!catalog.incompleteGroups.has(driver.key.group)) await this.#stop(driver.key);
    }
    for (const key of served.values()) {
      if (this.#feeds.has(feedNameKey(key))) continue;
      const output = apiChangeOutput(() => this.#onApiChange());
      const deps = { ...this.#feedDeps, observer: noObserver };
      const driver = new FeedDriver({ key, output, checkpoint: '' }, deps);
      driver.discovered();
      this.#launch(driver, 'internal', signal);
    }
  }

  /** A signal that depends on others is memory for as long as a feed runs: `run` tells each of them. */
  #launch(driver: FeedDriver, audience: RunningFeed['audience'], signal: AbortSignal): void {
    const controller = new AbortController();
    if (signal.aborted) controller.abort(OVER);
    const done = driver.run(controller.signal).catch((error: unknown) => this.#failed(error));
    this.#feeds.set(feedNameKey(driver.key), { driver, controller, done, audience });
  }

  async #retire(key: FeedKey): Promise<void> {
    const feed = await this.#stop(key);
    await feed?.driver.retire();
    const { group, resource, kind, namespace } = key;
    this.#deps.sink.retire({ group, resource, kind, namespace });
  }

  async #stop(key: FeedKey): Promise<RunningFeed | undefined> {
    const name = feedNameKey(key);
    const feed = this.#feeds.get(name);
    if (feed !== undefined) await this.#end(feed);
    this.#feeds.delete(name);
    return feed;
  }

  async #end(feed: RunningFeed): Promise<void> {
    feed.controller.abort(OVER);
    await feed.done;
  }
}

/** Namespaces themselves are not this account's business. */
const NOWHERE: FeedDeps['position'] = Object.freeze({
  mark: () => 0,
  locate: () => Promise.resolve(''),
});

function otherCluster(): WatchEngineError {
  return new WatchEngineError('otherCluster', 'the address answers as another cluster');
}
