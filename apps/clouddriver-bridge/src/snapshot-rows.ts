/** What a snapshot in progress has named, and how many rows it has brought itself. */
import { SeenIds } from './seen-ids.ts';

/** The rows of one snapshot of one feed. */
export class SnapshotRows {
  readonly #ids = new SeenIds();
  #brought = 0;
  #isLost = false;

  /** An object is named; answers whether for the first time. */
  add(id: string): boolean {
    return this.#ids.add(id);
  }

  /** The same, of an id as `wordsOf` gives it. */
  addWords(words: Uint32Array): void {
    this.#ids.addWords(words);
  }

  /** Whether it was named. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** A row is written that was not written before. */
  bring(): void {
    this.#brought += 1;
  }

  /** A row goes that may have been written: it is not known any more how many there are. */
  lose(): void {
    this.#isLost = true;
  }

  /** Rows that were written, each counted once at most; `undefined` if some of them may have gone. */
  get brought(): number | undefined {
    return this.#isLost ? undefined : this.#brought;
  }
}
