/** Things that each wait for the same time: one timer for all of them, for the first that is due. */

/** Time, as a queue needs it. */
export interface LingerClock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Resolves after `ms`; rejects when `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a queue works with. */
export interface LingerQueueOptions<T> {
  /** How long each thing waits, in milliseconds. */
  readonly waitMs: number;
  /** Time. */
  readonly clock: LingerClock;
  /** Ends it: nothing is due any more. */
  readonly signal: AbortSignal;
  /** Told of the things that have waited, in the order they came. */
  readonly onDue: (things: readonly T[]) => void;
}

/** First in, first due. */
export class LingerQueue<T> {
  readonly #options: LingerQueueOptions<T>;
  #waiting: { readonly thing: T; readonly dueMs: number }[] = [];
  #isRunning = false;

  constructor(options: LingerQueueOptions<T>) {
    this.#options = options;
  }

  /** Begins to wait. */
  add(thing: T): void {
    const { clock, waitMs, signal } = this.#options;
    if (signal.aborted) return;
    this.#waiting.push({ thing, dueMs: clock.nowMs() + waitMs });
    if (!this.#isRunning) void this.#run();
  }

  async #run(): Promise<void> {
    const { clock, signal, onDue } = this.#options;
    this.#isRunning = true;
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      try {
        await clock.sleep(Math.max(0, first.dueMs - clock.nowMs()), signal);
      } catch {
        // The signal: whoever waited waits for nothing now.
        this.#waiting = [];
        break;
      }
      onDue(this.#takeDue(first.dueMs));
    }
    this.#isRunning = false;
  }

  /** Up to now, but at least up to the one whose timer it was: clocks and timers may disagree. */
  #takeDue(dueMs: number): T[] {
    const untilMs = Math.max(dueMs, this.#options.clock.nowMs());
    const later = this.#waiting.findIndex((one) => one.dueMs > untilMs);
    return this.#waiting
      .splice(0, later < 0 ? this.#waiting.length : later)
      .map(({ thing }) => thing);
  }
}
