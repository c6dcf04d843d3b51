/**
 * Performs what the feed machine asks for, one activity at a time, and feeds what comes of it back
 * in. While the output has no room the socket is not read. `feed-exchange.ts` reads the answers.
 */
import type { ListScanEvent, WatchScanEvent } from '@fairlead/secret-scrubber';
import { childController, orAborted } from './aborting.ts';
import type { ClusterApi, Clock, Random } from './cluster-api.ts';
import type { FeedOutput, FeedStatus } from './delta-sink.ts';
import {
  exchange,
  SCANNERS,
  type ExchangeHost,
  type RequestEffect,
  type ScannerFactory,
} from './feed-exchange.ts';
import { startFeed, stepFeed } from './feed-machine.ts';
import {
  statusOf,
  type BreakCause,
  type FeedConfig,
  type FeedEffect,
  type FeedInput,
  type FeedMachineState,
} from './feed-state.ts';
import { IdleWatchdog } from './idle-watchdog.ts';
import type { AccountPermits, ReleasePermit } from './list-permits.ts';
import type { ObjectFilter } from './object-filter.ts';
import { ReportedObjects } from './reported-objects.ts';
import type { FeedKey } from './resource-type.ts';
import { codeOf } from './watch-engine-error.ts';
import type { WatchObserver } from './watch-observer.ts';
import type { WatchTuning } from './watch-options.ts';

/** What all feeds of an account share. */
export interface FeedDeps {
  readonly api: ClusterApi;
  readonly clock: Clock;
  readonly random: Random;
  readonly permits: AccountPermits;
  readonly observer: WatchObserver;
  /** @defaultValue those of `@fairlead/secret-scrubber` */
  readonly scanners?: ScannerFactory;
  readonly tuning: WatchTuning;
  readonly filter: ObjectFilter;
  /** Whether this server streams lists; the first feed that is refused clears it for all. */
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
  { readonly kind: 'list' | 'watch' | 'sleep' | 'reloadCredentials' | 'rediscover' | 'stop' }
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
  #permit: ReleasePermit | undefined;
  #isDiscovered = false;
  #wakeDiscovering: () => void = () => undefined;

  constructor(plan: FeedPlan, deps: FeedDeps) {
    this.key = plan.key;
    this.#output = plan.output;
    this.#deps = deps;
    const start = { resourceVersion: plan.checkpoint, atMs: deps.clock.nowMs() };
    this.#state = startFeed(start, this.#config());
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
    this.#wakeDiscovering();
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
      this.#releasePermit();
    }
  }

  /** Ends the feed for good: its type is gone or no longer wanted. For after `run` has ended. */
  async retire(): Promise<void> {
    const never = new AbortController().signal;
    await this.#apply({ kind: 'retire', atMs: this.#deps.clock.nowMs() }, never);
  }

  async #perform(activity: Activity, signal: AbortSignal): Promise<void> {
    switch (activity.kind) {
      case 'list':
        this.#permit ??= await this.#deps.permits.acquire(signal);
        return this.#request(activity, signal);
      case 'watch':
        return this.#request(activity, signal);
      case 'sleep':
        return this.#sleep(activity, signal);
      case 'reloadCredentials':
        return this.#reloadCredentials(signal);
      case 'rediscover':
        return this.#waitForDiscovery(signal);
      case 'stop':
        return;
    }
  }

  async #request(request: RequestEffect, signal: AbortSignal): Promise<void> {
    const { controller, release } = childController(signal);
    const watchdog = new IdleWatchdog(this.#deps.clock, this.#deps.tuning.idleTimeoutMs);
    const guarding = watchdog.guard(controller);
    try {
      await exchange(request, { controller, watchdog }, this.#host(request, controller.signal));
    } catch (error: unknown) {
      if (error instanceof OutputFailed || signal.aborted) throw error;
      // A connection that breaks after the machine has left it is nobody's news.
      if (this.#activity === request) {
        const cause = watchdog.isIdle ? 'idle' : causeOf(error);
        const detail = cause === 'network' ? codeOf(error) : '';
        await this.#apply(
          { kind: 'broken', cause, detail, atMs: this.#deps.clock.nowMs() },
          signal,
        );
      }
    } finally {
      release();
      controller.abort();
      await guarding;
    }
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
      apply: (input) => this.#apply(input, signal),
      isWanted: () => this.#activity === request,
      received: (bytes) => observer.received(this.key, bytes),
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
    }
    await this.#apply({ kind: 'discovered', atMs: this.#deps.clock.nowMs() }, signal);
  }

  /** The one place where the state changes. */
  async #apply(input: FeedInput, signal: AbortSignal): Promise<void> {
    const { state, effects } = stepFeed(this.#state, input, this.#config());
    this.#state = state;
    this.#tell(statusOf(state));
    if (state.kind !== 'listing') this.#releasePermit();
    for (const effect of effects) {
      const writing = this.#start(effect);
      if (writing !== undefined) await orAborted(writing, signal);
    }
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
        streaming.isOffered = false;
        return undefined;
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

  #releasePermit(): void {
    this.#permit?.();
    this.#permit = undefined;
  }

  #config(): FeedConfig {
    const { tuning, filter, streaming } = this.#deps;
    const streamingLists = tuning.streamingLists === 'auto' && streaming.isOffered;
    return { tuning, filter, streamingLists };
  }
}

/** The output threw: not the cluster's fault, and not to be tried again here. */
class OutputFailed extends Error {}

function outputFailed(error: unknown): never {
  throw new OutputFailed('the output failed', { cause: error });
}

function causeOf(error: unknown): BreakCause {
  const code = codeOf(error);
  return code === 'truncated' || code === 'malformed' ? code : 'network';
}
