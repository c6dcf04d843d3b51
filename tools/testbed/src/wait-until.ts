/** Polling until a claim about another process becomes true. */
import { setTimeout as sleep } from 'node:timers/promises';

/** How long and how often `waitUntil` asks. */
export interface WaitOptions {
  /** Milliseconds after which `waitUntil` gives up. */
  readonly timeoutMs: number;
  /** Milliseconds between two questions. @defaultValue 25 */
  readonly intervalMs?: number;
  /** Ends the waiting early by throwing its reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Resolves true as soon as `isTrue` does, false when it has not within the time. */
export async function waitUntil(
  isTrue: () => boolean | Promise<boolean>,
  options: WaitOptions,
): Promise<boolean> {
  const { timeoutMs, intervalMs = 25, signal } = options;
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (await isTrue()) return true;
    if (performance.now() >= deadlineMs) return false;
    await sleep(intervalMs, undefined, { signal });
  }
}
