/** How much all journals of a bridge may remember. */

/** What journals may hold, bytes of objects. */
export interface JournalLimits {
  /** Of all kinds of all accounts together. */
  readonly totalBytes: number;
  /** Of one kind of one account. */
  readonly perKindBytes: number;
}

const mebibyte = 1024 * 1024;

/** 16 MiB are some 2,500 changes of pods, with what was before and what is after. */
export const journalLimits: JournalLimits = {
  totalBytes: 128 * mebibyte,
  perKindBytes: 16 * mebibyte,
};

/** Counts what is held. */
export class JournalBudget {
  readonly #limits: JournalLimits;
  #bytes = 0;

  constructor(limits: JournalLimits = journalLimits) {
    this.#limits = limits;
  }

  /** Bytes held, of all journals. */
  get bytes(): number {
    return this.#bytes;
  }

  /** So many bytes more are held, or less. */
  add(bytes: number): void {
    this.#bytes += bytes;
  }

  /** Whether a kind that holds so many must let go of some: the kinds that change most do. */
  isOver(kindBytes: number): boolean {
    const { totalBytes, perKindBytes } = this.#limits;
    return kindBytes > perKindBytes || this.#bytes > totalBytes;
  }
}
