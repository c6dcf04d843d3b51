/**
 * Feeds that list take turns, one chunk each: a chunk is worked off without a pause, so it is the
 * longest that a feed which watches waits for the thread. Watches take no part in this.
 */

/** A queue of those who wait for their turn. */
export class ListingTurns {
  readonly #breathe: () => Promise<void>;
  #waiting: (() => void)[] = [];
  #isServing = false;

  /** `breathe` settles once everything else that is ready has run. */
  constructor(breathe: () => Promise<void>) {
    this.#breathe = breathe;
  }

  /** Settles when it is the caller's turn: first come, first served, one per breath. */
  take(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isServing) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#waiting.length > 0) {
      await this.#breathe();
      this.#waiting.shift()?.();
    }
    this.#isServing = false;
  }
}
