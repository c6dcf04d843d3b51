/** A clock that stands still until a test moves it. */

interface Sleeper {
  readonly dueMs: number;
  readonly wake: () => void;
}

/** Time in a test's hands. */
export class ManualClock {
  #nowMs = 1_000_000;
  readonly #sleepers = new Set<Sleeper>();

  /** Unix milliseconds. */
  nowMs(): number {
    return this.#nowMs;
  }

  /** Resolves once the clock was moved past `ms`; rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new Error('aborted'));
        return;
      }
      const sleeper = { dueMs: this.#nowMs + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      signal.addEventListener('abort', () => {
        this.#sleepers.delete(sleeper);
        reject(new Error('aborted'));
      });
    });
  }

  /** Moves on, waking each sleeper at its time and letting it run. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms;
    await settle();
    for (;;) {
      const due = [...this.#sleepers].filter(({ dueMs }) => dueMs <= endMs);
      const next = due.sort((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#nowMs = next.dueMs;
      this.#sleepers.delete(next);
      next.wake();
      await settle();
    }
    this.#nowMs = endMs;
  }

  /** Durations that are slept now, shortest first. */
  get pendingMs(): number[] {
    return [...this.#sleepers].map(({ dueMs }) => dueMs - this.#nowMs).sort((a, b) => a - b);
  }
}

/** Lets everything that is ready run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
