// The machine's own clock, for fleets that run for people and benchmarks.
import { type Clock } from './clock.ts';

/** Wall time and timers of this process. */
export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  sleep(ms, signal) {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      // setTimeout fires at once above 2^31-1 ms; the longest sleep here (a watch) is an hour.
      const timer = setTimeout(done, Math.min(ms, 0x7fffffff));
      signal.addEventListener('abort', done, { once: true });
    });
  },
};
