/**
 * Performs what the feed machine asks for, one activity at a time, and feeds what comes of it back
 * in. While the output has no room the socket is not read. `feed-exchange.ts` reads the answers.
 */
import type { ListScanEvent, ScannerOptions, WatchScanEvent } from '@fairlead/secret-scrubber';
import { childController, orAborted, OVER } from './aborting.ts';
import type { ClusterApi, Clock, Random } from './cluster-api.ts';
import type { FeedOutput, FeedStatus } from './delta-sink.ts';
import { causeOf, OutputFailed, outputFailed } from './feed-failure.ts';
import {
  exchange,
  SCANNERS,
  type ExchangeHost,
  type RequestEffect,
  type ScannerFactory,
} from './feed-exchange.ts';
import { startFeed, stepFeed } from './feed-machine.ts';
import {
  isSamePhase,
  statusOf,
  type FeedConfig,
  type FeedEffect,
  type FeedInput,
  type FeedMachineState,
} from './feed-state.ts';
import type { IdleRounds } from './idle-rounds.ts';
import { IdleWatchdog } from './idle-watchdog.ts';
import { isNativeGroup } from './kind-selector.ts';
import type { AccountPermits } from './list-permits.ts';
import { listMetadata, type MetadataListing, type MetadataListRequest } from './metadata-list.ts';
import { MANAGED_ANNOTATION, type ObjectFilter } from './object-filter.ts';
import { formOf, scannerOptionsOf, type ObjectForm, type ObjectPolicy } from './object-policy.ts';
import { PermitLease } from './permit-lease.ts';
import { ReportedObjects } from './reported-objects.ts';
import type { FeedKey } from './resource-type.ts';
import type { ServerPosition } from './server-position.ts';
import { codeOf } from './watch-engine-error.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { WatchTuning } from './watch-options.ts';

/** What all feeds of an account share. */
export interface FeedDeps {
  readonly api: ClusterApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly permits: AccountPermits;
  /** Looks after the account's connections. */
  readonly idleRounds: IdleRounds;
  readonly observer: WatchObserver;
  /** @defaultValue those of `@fairlead/secret-scrubber` */
  readonly scanners?: ScannerFactory;
  readonly tuning: WatchTuning;
  readonly filter: ObjectFilter;
  readonly objects: ObjectPolicy;
  /** Where the account's server is. */
  readonly position: Pick<ServerPosition, 'locate' | 'mark'>;
  /** Whether this server streams lists; the first native feed that is refused clears it for all. */
  readonly streaming: { isOffered: boolean };
  /** A feed's requests were answered with 404: look what is served. */
  readonly rediscover: () => void;
}

/** One feed to run. */
export interface FeedPlan {
  readonly key: FeedKey;
  readonly output: FeedOutput;
  /** resourceVersion up to which deltas are committed; '' = none. */
  readonly checkpoint: string;
}

type Activity = Extract<
  FeedEffect,
  {
    readonly kind:
      'locate' | 'list' | 'watch' | 'sleep' | 'reloadCredentials' | 'rediscover' | 'stop';
  }
>;

/** Runs one feed until it is retired or aborted. */
export class FeedDriver {
  readonly key: FeedKey;
  readonly #output: FeedOutput;
  readonly #deps: FeedDeps;
  readonly #reported = new ReportedObjects();
  #state: FeedMachineState;
  #status: FeedStatus;
  #activity: Activity = { kind: 'rediscover' };
  readonly #lease: PermitLease;
  readonly #scannerOptions: ScannerOptions;
  #form: ObjectForm;
  /** Since when nothing is known of the server. */
  #inTheDarkSince: number;
  #streamingConfig: FeedConfig | undefined;
  #pagingConfig: FeedConfig | undefined;
  /** False once this feed's streaming list was refused. */
  #streams = true;
  #isDiscovered = false;
  #isRelistAsked = false;
  /** Ends the request under way, unless what it brought is being worked off. */
  #interrupt: (() => void) | undefined;
  #wakeDiscovering: (() => void) | undefined;

  constructor(plan: FeedPlan, deps: FeedDeps) {
    this.key = plan.key;
    this.#output = plan.output;
    this.#deps = deps;
    this.#lease = new PermitLease(deps.permits);
    this.#form = formOf(plan.key, deps.objects);
    this.#scannerOptions = {
      ...scannerOptionsOf(plan.key, deps.objects),
      readAnnotations: [MANAGED_ANNOTATION],
      objects: 'lent',
      maxObjectBytes: deps.tuning.maxObjectBytes,
    };
    this.#inTheDarkSince = deps.position.mark();
    const start = { resourceVersion: plan.checkpoint, atMs: deps.clock.nowMs() };
    this.#state = startFeed(start, this.#config);
    this.#status = statusOf(this.#state);
    this.#output.status(this.#status);
  }

  /** What the feed is doing. */
  get status(): FeedStatus {
    return this.#status;
  }

  /** Discovery found the feed's type. Only a feed that waits for that takes notice. */
  discovered(): void {
    this.#isDiscovered = true;
    this.#wakeDiscovering?.();
  }

  /** Takes a new snapshot soon, if the feed watches; what it is reading is worked off before. */
  relist(): void {
    if (this.#state.kind !== 'watching') return;
    this.#isRelistAsked = true;
    this.#interrupt?.();
  }

  /** Lists the metadata of the feed's objects as the feed would see them, beside it. */
  async listMetadata(
    take: MetadataListRequest['take'],
    signal: AbortSignal,
  ): Promise<MetadataListing> {
    if (this.#state.kind !== 'watching') return { kind: 'failed', reason: 'not watching' };
    const { resourceVersion: notOlderThan } = this.#state.request;
    const received = (bytes: number): void => this.#deps.observer.received(this.key, bytes);
    return listMetadata({ key: this.key, notOlderThan, take }, { ...this.#deps, received }, signal);
  }

  /**
   * Runs until `signal` is aborted; resolves then. Rejects only with what the output threw:
   * everything the cluster does wrong is a state.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted && this.#activity.kind !== 'stop') {
        await this.#perform(this.#activity, signal);
      }
    } catch (error: unknown) {
      if (error instanceof OutputFailed) throw error.cause;
      if (!signal.aborted) throw error;
    } finally {
      this.#lease.end();
    }
  }

  /** Ends the feed for good: its type is gone or no longer wanted. For after `run` has ended. */
  async retire(): Promise<void> {
    const never = new AbortController().signal;
    await this.#apply({ kind: 'retire', atMs: this.#deps.clock.nowMs() }, never);
  }

  /** Not `async`: each level that waits is memory for as long as a watch lasts. */
  #perform(activity: Activity, signal: AbortSignal): Promise<void> | undefined {
    switch (activity.kind) {
      case 'list':
        // Who did not answer the last time waits with what others may need: see PermitLease.
        if (this.#status.state === 'lost') return this.#request(activity, signal);
        return this.#lease.take(signal).then(() => this.#request(activity, signal));
      case 'locate':
      case 'watch':
        return this.#request(activity, signal);
      case 'sleep':
        return this.#sleep(activity, signal);
      case 'reloadCredentials':
        return this.#reloadCredentials(signal);
      case 'rediscover':
        return this.#waitForDiscovery(signal);
      case 'stop':
        return undefined;
    }
  }

  async #request(request: RequestEffect, signal: AbortSignal): Promise<void> {
    const { controller, release } = childController(signal);
    const { clock, idleRounds } = this.#deps;
    const watchdog = this.#watchdog(request, controller);
    idleRounds.add(watchdog);
    this.#interrupt = () => {
      if (!watchdog.isPaused) controller.abort(OVER);
    };
    try {
      await exchange(request, { controller, watchdog }, this.#host(request, controller.signal));
      await this.#relistIfAsked(request, signal);
    } catch (error: unknown) {
      if (error instanceof OutputFailed || signal.aborted) throw error;
      // A connection that breaks after the machine has left it is nobody's news.
      if (this.#isRelistAsked) await this.#relistIfAsked(request, signal);
      else if (this.#activity === request) {
        const cause = watchdog.isIdle ? 'idle' : causeOf(error);
        const detail = cause === 'network' ? codeOf(error) : '';
        await this.#apply({ kind: 'broken', cause, detail, atMs: clock.nowMs() }, signal);
      }
    } finally {
      this.#interrupt = undefined;
      this.#isRelistAsked = false;
      release();
      idleRounds.remove(watchdog);
      controller.abort(OVER);
    }
  }

  async #relistIfAsked(request: RequestEffect, signal: AbortSignal): Promise<void> {
    if (!this.#isRelistAsked || this.#activity !== request) return;
    await this.#apply({ kind: 'relist', atMs: this.#deps.clock.nowMs() }, signal);
  }

  #watchdog({ kind }: RequestEffect, connection: AbortController): IdleWatchdog {
    const { clock, tuning } = this.#deps;
    const { idleTimeoutMs: timeoutMs, permitPatienceMs: quietMs } = tuning;
    const options = { clock, connection, timeoutMs };
    if (kind !== 'list') return new IdleWatchdog(options);
    const onQuiet = (): void => this.#lease.lend();
    return new IdleWatchdog({ ...options, quietMs, onQuiet, onHeldUp: () => this.#lease.rest() });
  }

  #host(request: RequestEffect, signal: AbortSignal): ExchangeHost {
    const { api, clock, random, tuning, observer, scanners = SCANNERS } = this.#deps;
    return {
      key: this.key,
      api,
      clock,
      random,
      scanners,
      tuning,
      scannerOptions: this.#scannerOptions,
      form: () => this.#form,
      formRefused: () => (this.#form = 'object'),
      position: () => this.#deps.position.locate(this.#inTheDarkSince),
      turn: () => (this.#state.kind === 'listing' ? this.#lease.turn(signal) : undefined),
      apply: (input) => this.#apply(input, signal),
      isWanted: () => this.#activity === request && !this.#isRelistAsked,
      received: (bytes) => {
        this.#lease.spend(bytes);
        observer.received(this.key, bytes);
      },
      scanned: (event) => this.#observeScan(event),
    };
  }

  async #sleep(
    pause: { readonly minMs: number; readonly maxMs: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, random } = this.#deps;
    await clock.sleep(pause.minMs + random.next() * (pause.maxMs - pause.minMs), signal);
    await this.#apply({ kind: 'woke', atMs: clock.nowMs() }, signal);
  }

  async #reloadCredentials(signal: AbortSignal): Promise<void> {
    try {
      await orAborted(this.#deps.api.reloadCredentials(), signal);
    } catch {
      // The next request is answered with 401 again if the old credentials are no good either.
    }
    if (signal.aborted) return;
    await this.#apply({ kind: 'woke', atMs: this.#deps.clock.nowMs() }, signal);
  }

  async #waitForDiscovery(signal: AbortSignal): Promise<void> {
    // At the very first, whoever made us knows already, or is about to.
    const isFirst = this.#state.kind === 'discovering' && this.#state.trouble.attempt === 0;
    if (!isFirst) {
      this.#isDiscovered = false;
      this.#deps.rediscover();
    }
    if (!this.#isDiscovered) {
      const woken = new Promise<void>((resolve) => (this.#wakeDiscovering = resolve));
      await orAborted(woken, signal);
      this.#wakeDiscovering = undefined;
    }
    await this.#apply({ kind: 'discovered', atMs: this.#deps.clock.nowMs() }, signal);
  }

  /**
   * The one place where the state changes. Nothing here waits but for an output without room: most
   * inputs are objects, and a promise for each would cost more than the rest of the way.
   */
  #apply(input: FeedInput, signal: AbortSignal): Promise<void> | undefined {
    const before = this.#state;
    const { state, effects } = stepFeed(before, input, this.#config);
    this.#state = state;
    if (!isSamePhase(before, state)) this.#enter(state, before);
    return this.#performAll(effects, 0, signal);
  }

  #enter(state: FeedMachineState, before: FeedMachineState): void {
    if (PAUSES.has(state.kind) || before.kind === 'watching') {
      this.#inTheDarkSince = this.#deps.position.mark();
    }
    this.#tell(statusOf(state));
    if (state.kind !== 'listing') this.#lease.end();
  }

  #performAll(
    effects: readonly FeedEffect[],
    from: number,
    signal: AbortSignal,
  ): Promise<void> | undefined {
    for (let i = from; i < effects.length; i += 1) {
      const effect = effects[i];
      const writing = effect === undefined ? undefined : this.#start(effect);
      if (writing === undefined) continue;
      return orAborted(writing, signal).then(() => this.#performAll(effects, i + 1, signal));
    }
    return undefined;
  }

  #start(effect: FeedEffect): Promise<void> | undefined {
    const { observer, streaming } = this.#deps;
    switch (effect.kind) {
      case 'emit':
        return this.#emit(effect);
      case 'countStart':
        observer.started(this.key, effect.mode);
        return undefined;
      case 'countRelist':
        observer.relisted(this.key, effect.reason);
        return undefined;
      case 'noteStreamingRefused':
        this.#streams = false;
        // What an aggregated API does not offer, kube-apiserver itself may.
        if (isNativeGroup(this.key.group)) streaming.isOffered = false;
        return undefined;
      case 'locate':
      case 'list':
      case 'watch':
      case 'sleep':
      case 'reloadCredentials':
      case 'rediscover':
      case 'stop':
        this.#activity = effect;
        return undefined;
    }
  }

  #emit({
    delta,
    bytes,
  }: Extract<FeedEffect, { readonly kind: 'emit' }>): Promise<void> | undefined {
    this.#deps.observer.delta(this.key, delta.kind, bytes);
    try {
      return this.#output.write(delta, bytes)?.catch(outputFailed);
    } catch (error: unknown) {
      return outputFailed(error);
    }
  }

  #tell(status: FeedStatus): void {
    const before = this.#status;
    if (before.state === status.state && before.reason === status.reason) return;
    this.#status = status;
    if (before.state !== status.state) {
      this.#deps.observer.transition(this.key, before.state, status.state, status.reason);
    }
    this.#output.status(status);
  }

  #observeScan(event: ListScanEvent | WatchScanEvent): void {
    const { observer } = this.#deps;
    if (event.kind === 'unscannable') {
      const { kind: _, ...object } = event;
      observer.unscannable(this.key, { ...object, repeated: this.#reported.sawBefore(event) });
    } else if ('object' in event && event.object.scrubbedValues > 0) {
      observer.scrubbed(this.key, event.object.scrubbedValues);
    }
  }

  get #config(): FeedConfig {
    const { tuning, filter, streaming } = this.#deps;
    return tuning.streamingLists === 'auto' && streaming.isOffered && this.#streams
      ? (this.#streamingConfig ??= { tuning, filter, streamingLists: true })
      : (this.#pagingConfig ??= { tuning, filter, streamingLists: false });
  }
}

/** States in which nobody is connected. */
const PAUSES: ReadonlySet<string> = new Set(['discovering', 'expired', 'forbidden', 'lost']);
