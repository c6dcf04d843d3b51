/**
 * One feed's hold on the right to list. It is lent to others while the server says nothing, so that
 * dead clusters do not keep living ones from listing, and rests while the output has no room; it is taken
 * back before anything is read.
 */
import type { AccountPermits, ListPermit } from './list-permits.ts';
import type { ListingTurn } from './listing-turns.ts';

/** Holds a permit, or not, for one feed. */
export class PermitLease {
  readonly #permits: AccountPermits;
  #permit: ListPermit | undefined;
  #isResting = false;
  #turn: ListingTurn | undefined;

  constructor(permits: AccountPermits) {
    this.#permits = permits;
  }

  /** Waits for a permit, if none is held; rejects when `signal` is aborted before. */
  async take(signal: AbortSignal): Promise<void> {
    this.#permit ??= await this.#permits.acquire(signal);
  }

  /** Waits for a permit, if it was lent, and for the turn to work off a chunk, if it is not ours. */
  turn(signal: AbortSignal): Promise<void> | undefined {
    const isReading = this.#permit !== undefined && !this.#isResting;
    return isReading && this.#turn?.isOver === false ? undefined : this.#takeTurn(signal);
  }

  /** A chunk is worked off. */
  spend(bytes: number): void {
    this.#turn?.spend(bytes);
  }

  /** The server is silent: others may have the permit meanwhile. */
  lend(): void {
    this.#giveBack();
  }

  /**
   * The output has had no room for a while: lists of other accounts may be read meanwhile. Those of this
   * one wait as well: what it has not read lies in memory, too.
   */
  rest(): void {
    this.#isResting = this.#permit !== undefined;
    this.#permit?.rest();
  }

  /** Gives the permit back. */
  end(): void {
    this.#turn = undefined;
    this.#giveBack();
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    if (this.#permit === undefined) await this.take(signal);
    else if (this.#isResting) await this.#permit.resume(signal);
    this.#isResting = false;
    this.#turn = await this.#permits.turn();
  }

  #giveBack(): void {
    this.#permit?.release();
    this.#permit = undefined;
    this.#isResting = false;
  }
}
