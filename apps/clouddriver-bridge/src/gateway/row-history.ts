/**
 * What the objects of one kind were before they changed, for as long as it is remembered: a list
 * that is read page by page shows all objects as they were when it began.
 */
import { type JournalBudget } from './journal-budget.ts';

/** An object before a change; `undefined`: there was none. */
export type BeforeImage = Uint8Array | undefined;

interface Entry {
  readonly id: string;
  readonly before: BeforeImage;
}

/** Memory that an entry costs beside the object. */
const overheadBytes = 256;

/** The changes of one kind in the order of commits. */
export class RowHistory {
  readonly #budget: JournalBudget;
  #entries: Entry[] = [];
  /** Changes that are not remembered any more. */
  #forgotten = 0;
  #bytes = 0;

  constructor(budget: JournalBudget) {
    this.#budget = budget;
  }

  /** How many changes there have been. */
  get tip(): number {
    return this.#forgotten + this.#entries.length;
  }

  /** A row was changed. */
  add(id: string, before: BeforeImage): void {
    this.#entries.push({ id, before });
    this.#count(costOf(before));
    while (this.#entries.length > 0 && this.#budget.isOver(this.#bytes)) this.#forgetSome();
  }

  /** Nothing is remembered any more. */
  clear(): void {
    this.#forgotten = this.tip;
    this.#entries = [];
    this.#count(-this.#bytes);
  }

  /** The changes from one position on; `undefined` if not all of them are remembered. */
  from(position: number): readonly Entry[] | undefined {
    if (position < this.#forgotten) return undefined;
    return this.#entries.slice(position - this.#forgotten);
  }

  /** Half of it at once: shifting one by one would move all others each time. */
  #forgetSome(): void {
    const gone = this.#entries.splice(0, Math.ceil(this.#entries.length / 2));
    this.#forgotten += gone.length;
    for (const { before } of gone) this.#count(-costOf(before));
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.add(bytes);
  }
}

/** The objects as they were at one position of a history. */
export class PastRows {
  readonly #history: RowHistory;
  readonly #images = new Map<string, BeforeImage>();
  #position: number;

  constructor(history: RowHistory, position = history.tip) {
    this.#history = history;
    this.#position = position;
  }

  /** Takes in what has changed since; false if that is not remembered: the past cannot be told. */
  refresh(): boolean {
    const entries = this.#history.from(this.#position);
    if (entries === undefined) return false;
    this.#position += entries.length;
    for (const { id, before } of entries) if (!this.#images.has(id)) this.#images.set(id, before);
    return true;
  }

  /** Whether an object has changed since. */
  has(id: string): boolean {
    return this.#images.has(id);
  }

  /** What it was then. */
  get(id: string): BeforeImage {
    return this.#images.get(id);
  }

  /** Objects that have changed since, and were there then. */
  idsThen(): readonly string[] {
    return [...this.#images].flatMap(([id, before]) => (before === undefined ? [] : [id]));
  }
}

function costOf(before: BeforeImage): number {
  return overheadBytes + (before?.byteLength ?? 0);
}
