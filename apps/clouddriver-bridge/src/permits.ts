/**
 * A bounded number of things at once. Changes go before snapshots, since somebody waits for them;
 * otherwise those that wait go in the order they came.
 */

/** What is to be done: `live` if there are changes in it, `bulk` if it is all snapshot. */
export type WorkUrgency = 'live' | 'bulk';

/** After so many changes in a row a snapshot has its turn, so that it comes to its end. */
const liveInARow = 8;

/** Hands out the permits. */
export class Permits {
  readonly #waiting: Readonly<Record<WorkUrgency, (() => void)[]>> = { live: [], bulk: [] };
  #free: number;
  #liveInARow = 0;

  constructor(count: number) {
    this.#free = count;
  }

  /** Runs `work` when a permit is free. */
  async with<T>(work: () => Promise<T>, urgency: WorkUrgency = 'live'): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting[urgency].push(resolve));
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  /**
   * Runs `work` with as many permits as are free, at most `most`: for what can do with none but
   * sooner with more. Waits for none, and so may be used by those who have one.
   */
  async withFree<T>(most: number, work: (count: number) => Promise<T>): Promise<T> {
    const count = Math.min(most, this.#free);
    this.#free -= count;
    try {
      return await work(count);
    } finally {
      for (let each = 0; each < count; each += 1) this.#release();
    }
  }

  #release(): void {
    const next = this.#next();
    if (next === undefined) this.#free += 1;
    else next();
  }

  #next(): (() => void) | undefined {
    const { live, bulk } = this.#waiting;
    const isBulkDue = live.length === 0 || this.#liveInARow >= liveInARow;
    const next = isBulkDue ? (bulk.shift() ?? live.shift()) : live.shift();
    this.#liveInARow = isBulkDue ? 0 : this.#liveInARow + 1;
    return next;
  }
}
