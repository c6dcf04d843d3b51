/**
 * Looks at the watchdogs of all connections of an account in time, with one timer for all of them: a
 * timer that can be cancelled costs more memory than all else an idle watch needs, and there are
 * thousands of these.
 */
import { OVER } from './aborting.ts';
import type { Clock } from './cluster-api.ts';
import type { IdleWatchdog } from './idle-watchdog.ts';

/** The watchdogs on duty. Nothing waits while there is none. */
export class IdleRounds {
  readonly #clock: Clock;
  /** When to look at each, Unix milliseconds. */
  readonly #dueMs = new Map<IdleWatchdog, number>();
  #isWalking = false;
  /** When the next round begins. */
  #nextMs = Infinity;
  #wake = new AbortController();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on it is looked at. */
  add(watchdog: IdleWatchdog): void {
    const dueMs = this.#look(watchdog);
    if (!this.#isWalking) void this.#walk();
    else if (dueMs < this.#nextMs) this.#wake.abort(OVER);
  }

  /** Its connection has ended. */
  remove(watchdog: IdleWatchdog): void {
    this.#dueMs.delete(watchdog);
    if (this.#dueMs.size === 0) this.#wake.abort(OVER);
  }

  async #walk(): Promise<void> {
    this.#isWalking = true;
    while (this.#dueMs.size > 0) {
      this.#nextMs = Math.min(...this.#dueMs.values());
      this.#wake = new AbortController();
      try {
        await this.#clock.sleep(Math.max(0, this.#nextMs - this.#clock.nowMs()), this.#wake.signal);
      } catch {
        // Woken: one that is due before has come, or the last has gone.
      }
      this.#lookAtDue();
    }
    this.#isWalking = false;
  }

  #lookAtDue(): void {
    const nowMs = this.#clock.nowMs();
    for (const [watchdog, dueMs] of this.#dueMs) if (dueMs <= nowMs) this.#look(watchdog);
  }

  /** Answers when it is due next, Unix milliseconds. */
  #look(watchdog: IdleWatchdog): number {
    const waitMs = watchdog.look();
    const dueMs = waitMs === undefined ? Infinity : this.#clock.nowMs() + waitMs;
    if (waitMs === undefined) this.#dueMs.delete(watchdog);
    else this.#dueMs.set(watchdog, dueMs);
    return dueMs;
  }
}
