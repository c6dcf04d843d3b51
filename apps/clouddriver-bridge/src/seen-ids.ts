/**
 * The ids that a snapshot has named, so that the others can be found when it is complete. Keeps 64
 * bits of each id's hash in one flat table (about 14 bytes an id): strings would take 200.
 */
import { randomInt } from 'node:crypto';

/** Words of 32 bits that stand for an id. */
export const wordsPerId = 2;
const firstCapacity = 1024;
/** Fuller than this, probing gets long. */
const maxLoad = 0.75;

/** Other seeds in every process: nobody can choose names that are taken for one another. */
const seeds = Uint32Array.of(randomInt(2 ** 32 - 1), randomInt(2 ** 32 - 1));
/** Multipliers of MurmurHash3 and of xxHash; odd, so that nothing is lost by them. */
const firstFactor = 0x85ebca6b;
const secondFactor = 0x9e3779b1;

/**
 * A set that only grows. Of a million ids, the chance that two of them are one to it is 1 in 37
 * million; a row that is gone would then stay until it is compared with the cluster again.
 */
export class SeenIds {
  #capacity = firstCapacity;
  #table = new Uint32Array(firstCapacity * wordsPerId);
  #size = 0;
  /** The hash that is being looked for. */
  #first = 0;
  #second = 0;
  readonly #words = new Uint32Array(wordsPerId);

  /** Ids added. */
  get size(): number {
    return this.#size;
  }

  /** Adds an id; adding it again changes nothing. Answers whether it was not there. */
  add(id: string): boolean {
    this.#makeRoom();
    this.#hash(id);
    return this.#add();
  }

  /** Adds an id as {@link wordsOf} gives it. */
  addWords(words: Uint32Array): void {
    this.#makeRoom();
    this.#first = words[0] ?? 0;
    this.#second = words[1] ?? 0;
    this.#add();
  }

  /** Whether the id was added. */
  has(id: string): boolean {
    this.#hash(id);
    return this.#table[this.#slot()] !== 0;
  }

  #makeRoom(): void {
    if (this.#size >= this.#capacity * maxLoad) this.#grow();
  }

  #add(): boolean {
    const slot = this.#slot();
    if (this.#table[slot] !== 0) return false;
    this.#put(slot);
    this.#size += 1;
    return true;
  }

  /** Where the hash stands, or the free place where it would go. */
  #slot(): number {
    const table = this.#table;
    const mask = table.length - 1;
    let at = (this.#first * wordsPerId) & mask;
    while (table[at] !== 0 && (table[at] !== this.#first || table[at + 1] !== this.#second)) {
      at = (at + wordsPerId) & mask;
    }
    return at;
  }

  #put(slot: number): void {
    this.#table[slot] = this.#first;
    this.#table[slot + 1] = this.#second;
  }

  #hash(id: string): void {
    hashInto(this.#words, id);
    this.#first = this.#words[0] ?? 0;
    this.#second = this.#words[1] ?? 0;
  }

  #grow(): void {
    const old = this.#table;
    this.#capacity *= 2;
    this.#table = new Uint32Array(this.#capacity * wordsPerId);
    for (let at = 0; at < old.length; at += wordsPerId) {
      if (old[at] === 0) continue;
      this.#first = old[at] ?? 0;
      this.#second = old[at + 1] ?? 0;
      this.#put(this.#slot());
    }
  }
}

/** What stands for an id in this process; the first word is never 0. */
export function wordsOf(id: string): Uint32Array {
  const words = new Uint32Array(wordsPerId);
  hashInto(words, id);
  return words;
}

function hashInto(words: Uint32Array, id: string): void {
  let first = seeds[0] ?? 0;
  let second = seeds[1] ?? 0;
  for (let at = 0; at < id.length; at += 1) {
    const unit = id.charCodeAt(at);
    first = Math.imul(first ^ unit, firstFactor);
    first ^= first >>> 15;
    second = Math.imul(second + unit, secondFactor);
    second ^= second >>> 13;
  }
  // A first word of zero marks a free place.
  words[0] = Math.imul(first ^ id.length, secondFactor) >>> 0 || 1;
  words[1] = (second ^ (first >>> 16)) >>> 0;
}
