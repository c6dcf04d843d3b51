/**
 * The ids that a snapshot has named, so that the others can be found when it is complete. Keeps 16
 * bytes of each id's SHA-256 in one flat table (about 27 bytes an id): strings would take 200.
 */
import { hash } from 'node:crypto';

const wordsPerId = 4;
const firstCapacity = 1024;
/** Fuller than this, probing gets long. */
const maxLoad = 0.75;

/** A set that only grows. Two ids in 2^64 would have to be seen before one is mistaken for another. */
export class SeenIds {
  #capacity = firstCapacity;
  #table = new Uint32Array(firstCapacity * wordsPerId);
  #size = 0;

  /** Ids added. */
  get size(): number {
    return this.#size;
  }

  /** Adds an id; adding it again changes nothing. */
  add(id: string): void {
    if (this.#size >= this.#capacity * maxLoad) this.#grow();
    const words = wordsOf(id);
    const slot = this.#slotOf(words);
    if (this.#isUsed(slot)) return;
    this.#table.set(words, slot * wordsPerId);
    this.#size += 1;
  }

  /** Whether the id was added. */
  has(id: string): boolean {
    return this.#isUsed(this.#slotOf(wordsOf(id)));
  }

  /** The slot that holds the words, or the free one where they would go. */
  #slotOf(words: Uint32Array): number {
    const mask = this.#capacity - 1;
    let slot = (words[0] ?? 0) & mask;
    while (this.#isUsed(slot) && !this.#holds(slot, words)) slot = (slot + 1) & mask;
    return slot;
  }

  #isUsed(slot: number): boolean {
    return this.#table[slot * wordsPerId] !== 0;
  }

  #holds(slot: number, words: Uint32Array): boolean {
    const at = slot * wordsPerId;
    return words.every((word, index) => this.#table[at + index] === word);
  }

  #grow(): void {
    const old = this.#table;
    this.#capacity *= 2;
    this.#table = new Uint32Array(this.#capacity * wordsPerId);
    for (let at = 0; at < old.length; at += wordsPerId) {
      if (old[at] === 0) continue;
      const words = old.subarray(at, at + wordsPerId);
      this.#table.set(words, this.#slotOf(words) * wordsPerId);
    }
  }
}

function wordsOf(id: string): Uint32Array {
  const digest = hash('sha256', id, 'buffer');
  const words = new Uint32Array(wordsPerId);
  for (let index = 0; index < wordsPerId; index += 1) words[index] = digest.readUInt32LE(index * 4);
  // A first word of zero marks a free slot.
  if (words[0] === 0) words[0] = 1;
  return words;
}
