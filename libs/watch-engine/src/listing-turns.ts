/**
 * Feeds that list take turns: what one turn covers is worked off without a pause, so it is the longest
 * that a feed which watches waits for the thread. Watches take no part in this.
 */

/**
 * What may be worked off in one turn, in bytes: a chunk of HTTP/1.1, or the four that HTTP/2 over TLS
 * cuts it into (a TLS record holds 16 KiB). Chunks that wait for a turn each outlive two collections of
 * the young generation, and are memory until the next full one.
 */
export const TURN_BYTES = 64 * 1024;

/** The right to work off some bytes of a snapshot now. */
export class ListingTurn {
  #leftBytes = TURN_BYTES;

  /** Whether the next chunk needs another turn. */
  get isOver(): boolean {
    return this.#leftBytes <= 0;
  }

  /** So much was worked off; more than is left is a chunk that was begun in time. */
  spend(bytes: number): void {
    this.#leftBytes -= bytes;
  }

  /** It is somebody else's turn. */
  end(): void {
    this.#leftBytes = 0;
  }
}

/** A queue of those who wait for their turn. */
export class ListingTurns {
  readonly #breathe: () => Promise<void>;
  #waiting: ((turn: ListingTurn) => void)[] = [];
  #isServing = false;
  #current: ListingTurn | undefined;

  /** `breathe` settles once everything else that is ready has run. */
  constructor(breathe: () => Promise<void>) {
    this.#breathe = breathe;
  }

  /** Settles when it is the caller's turn: first come, first served, one per breath. */
  take(): Promise<ListingTurn> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      if (!this.#isServing) void this.#serve();
    });
  }

  async #serve(): Promise<void> {
    this.#isServing = true;
    while (this.#waiting.length > 0) {
      await this.#breathe();
      this.#current?.end();
      this.#current = new ListingTurn();
      this.#waiting.shift()?.(this.#current);
    }
    this.#isServing = false;
  }
}
