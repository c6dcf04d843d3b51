/**
 * Runs works of the same key one after another, in the order they came. Units of one account would
 * otherwise each hold a connection while they wait for the account's row, and starve the others.
 */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs the work when all earlier ones of its key have ended, well or not. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.then(ignore, ignore);
    this.#tails.set(key, tail);
    try {
      return await result;
    } finally {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    }
  }
}

/** The caller of each work sees its failure; the next in line need not. */
function ignore(): void {
  return undefined;
}
