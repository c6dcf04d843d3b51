/** A clock that a test moves. */
import type { TunnelClock } from '../tunnel-wire.ts';

/** Timers that fire when time is moved past them. */
export class ManualTimers implements TunnelClock {
  #nowMs = 0;
  readonly #timers = new Set<{ readonly atMs: number; readonly act: () => void }>();

  /** Timers that wait. */
  get waiting(): number {
    return this.#timers.size;
  }

  after(ms: number, act: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, act };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves time; timers fire in order, also those that are set meanwhile. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.#nowMs = next.atMs;
      next.act();
    }
    this.#nowMs = untilMs;
  }
}
