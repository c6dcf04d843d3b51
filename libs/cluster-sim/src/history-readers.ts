// Who reads the history of one store, and how far each has come: what a pump asks before it makes
// more events, so that no reader is overtaken.

/** A reader's place. */
export interface ReaderPlace {
  /** Moves on: every event before this sequence number is in the hands of the reader's socket. */
  advance(sequence: number): void;
  /** Reads no more. */
  leave(): void;
}

/** The readers of one store. */
export class HistoryReaders {
  readonly #places = new Set<{ sequence: number }>();
  #waiting: (() => void)[] = [];

  /** Number of readers. */
  get count(): number {
    return this.#places.size;
  }

  /** Joins at a sequence number. */
  join(sequence: number): ReaderPlace {
    const place = { sequence };
    this.#places.add(place);
    this.#tell();
    return {
      advance: (reached) => {
        if (reached === place.sequence) return;
        place.sequence = reached;
        this.#tell();
      },
      leave: () => {
        this.#places.delete(place);
        this.#tell();
      },
    };
  }

  /** The lowest sequence number that a reader has come to; `none` when nobody reads. */
  slowest(none: number): number {
    let slowest = Infinity;
    for (const { sequence } of this.#places) slowest = Math.min(slowest, sequence);
    return slowest === Infinity ? none : slowest;
  }

  /** Settles when a reader comes, goes or moves on, or when `signal` aborts. */
  changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.push(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
