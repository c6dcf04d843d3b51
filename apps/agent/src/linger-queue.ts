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
  /** Told of each thing that has waited, in the order they came, with the ticket it got. */
  readonly onDue: (thing: T, ticket: number) => void;
}

/** First in, first due. */
export class LingerQueue<T> {
  readonly #options: LingerQueueOptions<T>;
  #waiting: { readonly thing: T; readonly ticket: number; readonly dueMs: number }[] = [];
  #lastTicket = 0;
  #isRunning = false;

  constructor(options: LingerQueueOptions<T>) {
    this.#options = options;
  }

  /** Begins to wait; answers a ticket that no other wait of this queue has. */
  add(thing: T): number {
    const { clock, waitMs, signal } = this.#options;
    this.#lastTicket += 1;
    if (signal.aborted) return this.#lastTicket;
    this.#waiting.push({ thing, ticket: this.#lastTicket, dueMs: clock.nowMs() + waitMs });
    if (!this.#isRunning) void this.#run();
    return this.#lastTicket;
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
      for (const { thing, ticket } of this.#takeDue(first.dueMs)) onDue(thing, ticket);
    }
    this.#isRunning = false;
  }

  /** Up to now, but at least up to the one whose timer it was: clocks and timers may disagree. */
  #takeDue(dueMs: number): { readonly thing: T; readonly ticket: number }[] {
    const untilMs = Math.max(dueMs, this.#options.clock.nowMs());
    const later = this.#waiting.findIndex((one) => one.dueMs > untilMs);
    return this.#waiting.splice(0, later < 0 ? this.#waiting.length : later);
  }
}
