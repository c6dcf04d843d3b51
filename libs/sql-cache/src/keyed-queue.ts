/**
 * Runs works of the same key one after another, in the order they came. Units of one account would
 * otherwise each hold a connection while they wait for the account's row, and starve the others.
 */
export class KeyedQueue {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs the work when all earlier ones of its key have ended, well or not. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = before.then(work);
    this.#end(key, ended(result));
    return result;
  }

  /** Runs the work at once, beside those before it; later ones wait for it, too. */
  runBeside<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const result = work();
    this.#end(key, Promise.all([before, ended(result)]).then(nothing));
    return result;
  }

  #end(key: string, tail: Promise<void>): void {
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
  }
}

/** Resolves however a work ends: its caller sees a failure, the next in line need not. */
function ended(result: Promise<unknown>): Promise<void> {
  return result.then(nothing, nothing);
}

function nothing(): void {
  return undefined;
}
