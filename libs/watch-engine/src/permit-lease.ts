/**
 * One feed's hold on the right to list. It is lent to others while the server says nothing, so that
 * dead clusters do not keep living ones from listing, and taken back before anything is read.
 */
import type { AccountPermits, ReleasePermit } from './list-permits.ts';
import type { ListingTurn } from './listing-turns.ts';

/** Holds a permit, or not, for one feed. */
export class PermitLease {
  readonly #permits: AccountPermits;
  #release: ReleasePermit | undefined;
  #turn: ListingTurn | undefined;

  constructor(permits: AccountPermits) {
    this.#permits = permits;
  }

  /** Waits for a permit, if none is held; rejects when `signal` is aborted before. */
  async take(signal: AbortSignal): Promise<void> {
    this.#release ??= await this.#permits.acquire(signal);
  }

  /** Waits for a permit, if it was lent, and for the turn to work off a chunk, if it is not ours. */
  turn(signal: AbortSignal): Promise<void> | undefined {
    const isOurs = this.#release !== undefined && this.#turn?.isOver === false;
    return isOurs ? undefined : this.#takeTurn(signal);
  }

  /** A chunk is worked off. */
  spend(bytes: number): void {
    this.#turn?.spend(bytes);
  }

  /** The server is silent: others may have the permit meanwhile. */
  lend(): void {
    this.#giveBack();
  }

  /** Gives the permit back. */
  end(): void {
    this.#turn = undefined;
    this.#giveBack();
  }

  async #takeTurn(signal: AbortSignal): Promise<void> {
    if (this.#release === undefined) await this.take(signal);
    this.#turn = await this.#permits.turn();
  }

  #giveBack(): void {
    this.#release?.();
    this.#release = undefined;
  }
}
