/** The machine's clock and randomness, behind the interfaces that cores take. */
import type { Random } from './backoff.ts';

/** Time, as cores take it. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The system's clock. */
export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      // Not `node:timers/promises`: that makes ten promises for each sleep, and there are many.
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', abort);
        resolve();
      }, ms);
      signal.addEventListener('abort', abort, { once: true });
    }),
};

/** The system's timers, for waits that mostly do not come to their end: a sleep costs more. */
export const nodeTimers = {
  /** Calls `act` after so many milliseconds, unless the answer is called before. */
  after: (ms: number, act: () => void): (() => void) => {
    const timer = setTimeout(act, ms);
    return () => clearTimeout(timer);
  },
};

/** `Math.random`: good for jitter, for nothing secret. */
export const nodeRandom: Random = { next: () => Math.random() };
