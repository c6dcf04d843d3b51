/**
 * From start to exit code: runs a service until a signal, then releases what it acquired in
 * reverse order within a bounded time. A second signal ends the process at once.
 */
import type { Clock } from './node-clock.ts';

/** What a service's `start` gets to work with. */
export interface Lifecycle {
  /** Aborts when stopping begins: take no more work. */
  readonly signal: AbortSignal;
  /** Remembers how to release something acquired; releases run last first, one after the other. */
  onStop(name: string, release: () => Promise<void> | void): void;
  /** Begins to stop, as a signal would; `error` makes the exit code 1. */
  stop(reason: string, error?: unknown): void;
}

/** What the lifecycle needs of a process; `process` is one. */
export interface ProcessEvents {
  /** Adds a listener. */
  on(event: string, listener: (argument: unknown) => void): unknown;
  /** Removes a listener. */
  off(event: string, listener: (argument: unknown) => void): unknown;
  /** Ends the process at once. */
  exit(code: number): void;
}

/** Where the lifecycle speaks. */
export interface LifecycleLog {
  /** Progress. */
  info(fields: object, message: string): void;
  /** Failures. */
  error(fields: object, message: string): void;
}

/** Options of {@link runService}. */
export interface RunServiceOptions {
  /** Acquires everything; the service runs from its return until it is stopped. */
  readonly start: (lifecycle: Lifecycle) => Promise<void>;
  /** Log. */
  readonly log: LifecycleLog;
  /** Time. */
  readonly clock: Clock;
  /** The process. */
  readonly process: ProcessEvents;
  /**
   * Bound of all releases together in milliseconds. @defaultValue 25000 (below Kubernetes' default
   * `terminationGracePeriodSeconds` of 30)
   */
  readonly stopTimeoutMs?: number;
}

interface Release {
  readonly name: string;
  readonly run: () => Promise<void> | void;
}

/** Runs a service to its end. Resolves with the exit code: 0 stopped in order, 1 failed. */
export async function runService(options: RunServiceOptions): Promise<0 | 1> {
  const { log, process: events } = options;
  const stopping = new AbortController();
  const releases: Release[] = [];
  const failures: unknown[] = [];
  const lifecycle: Lifecycle = {
    signal: stopping.signal,
    onStop: (name, run) => void releases.push({ name, run }),
    stop: (reason, error) => {
      if (error !== undefined) failures.push(error);
      if (!stopping.signal.aborted) log.info({ reason }, 'stopping');
      stopping.abort(new Error(reason));
    },
  };
  const listeners = processListeners(lifecycle, options);
  for (const [event, listener] of listeners) events.on(event, listener);
  try {
    const stopped = new Promise<void>((resolve) => {
      stopping.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([options.start(lifecycle), stopped]);
    await stopped;
  } catch (error: unknown) {
    log.error({ err: error }, 'could not start');
    lifecycle.stop('start failed', error);
  }
  failures.push(...(await releaseAll(releases, options)));
  for (const [event, listener] of listeners) events.off(event, listener);
  if (failures.length === 0) return 0;
  const err = new AggregateError(failures, 'stopped with failures');
  log.error({ err, failures: failures.map(messageOf) }, err.message);
  return 1;
}

type Listener = (argument: unknown) => void;

function processListeners(
  lifecycle: Lifecycle,
  { log, process: events }: RunServiceOptions,
): readonly (readonly [string, Listener])[] {
  const onSignal = (name: unknown): void => {
    if (lifecycle.signal.aborted) events.exit(1);
    else lifecycle.stop(String(name));
  };
  const onFault = (error: unknown): void => {
    log.error({ err: error }, 'uncaught error');
    lifecycle.stop('uncaught error', error);
  };
  return [
    ['SIGTERM', onSignal],
    ['SIGINT', onSignal],
    ['uncaughtException', onFault],
    ['unhandledRejection', onFault],
  ];
}

async function releaseAll(
  releases: readonly Release[],
  { log, clock, stopTimeoutMs = 25_000 }: RunServiceOptions,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  const done = new AbortController();
  const timeout = clock.sleep(stopTimeoutMs, done.signal).then(
    () => 'timeout' as const,
    () => 'cancelled' as const,
  );
  for (const { name, run } of [...releases].reverse()) {
    try {
      const outcome = await Promise.race([Promise.resolve(run()), timeout]);
      if (outcome !== 'timeout') continue;
      failures.push(new Error(`${name} was not released within ${stopTimeoutMs} ms`));
      break;
    } catch (error: unknown) {
      log.error({ err: error, resource: name }, 'could not be released');
      failures.push(error);
    }
  }
  done.abort();
  return failures;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
