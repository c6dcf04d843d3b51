/** The machine's clock and randomness, behind the interfaces that cores take. */
import { setTimeout as sleepTimer } from 'node:timers/promises';
import type { Random } from './backoff.ts';

/** Time, as cores take it. */
export interface Clock {
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after `ms`; rejects with an `AbortError` as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The system's clock. */
export const nodeClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleepTimer(ms, undefined, { signal });
  },
};

/** `Math.random`: good for jitter, for nothing secret. */
export const nodeRandom: Random = { next: () => Math.random() };
