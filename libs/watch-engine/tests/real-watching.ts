/** An account watcher in real time, for tests against a real API server. */
import { setTimeout as wait } from 'node:timers/promises';
import {
  AccountWatcher,
  ListPermits,
  noObserver,
  type ClusterApi,
  type Clock,
  type WatchObserver,
  type WatchOptions,
} from '../src/index.ts';
import type { RecordingSink } from '../src/testing/index.ts';

/** Real time. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await wait(ms, undefined, { signal });
  },
};

/** A watcher under way. */
export interface RealWatching {
  /** Ends it; may be called again. */
  stop(): Promise<void>;
}

/** Starts watching from the sink's checkpoints. */
export function startWatching(options: {
  readonly api: ClusterApi;
  readonly sink: RecordingSink;
  readonly options: WatchOptions;
  readonly observer?: Partial<WatchObserver>;
}): RealWatching {
  const controller = new AbortController();
  const watcher = new AccountWatcher({
    api: options.api,
    sink: options.sink,
    clock: systemClock,
    random: { next: () => Math.random() },
    permits: new ListPermits().forAccount('real'),
    observer: { ...noObserver, ...options.observer },
    options: options.options,
    checkpoints: options.sink.checkpoints(),
  });
  const running = watcher.run(controller.signal);
  return {
    stop: () => {
      controller.abort();
      return running;
    },
  };
}
