/**
 * Which version of its object each row of a feed holds, for as long as the feed is compared with its
 * cluster. One flat table, as `seen-ids.ts`: 20 bytes a row, in a table that is at most three quarters
 * full.
 */
import { type VersionHash } from '@fairlead/protocol';
import { wordsOf, wordsPerId } from './seen-ids.ts';

/** What is known of a row. */
export type RowState =
  | /** There is none. */ { readonly kind: 'absent' }
  | /** It is not what was written. */ { readonly kind: 'unsound' }
  | /** It holds an object in this version. */ {
      readonly kind: 'sound';
      readonly version: VersionHash;
    };

/** A row that holds an object. */
export interface SoundRow {
  /** The row's id, as `wordsOf` gives it. */
  readonly id: Uint32Array;
  /** The version of its object. */
  readonly version: VersionHash;
}

/** Places in a slot: the id's words, the version's halves, and the state; 0 in the first is free. */
const [highAt, lowAt, stateAt] = [wordsPerId, wordsPerId + 1, wordsPerId + 2];
const wordsPerSlot = wordsPerId + 3;
const [sound, unsound, absent] = [1, 2, 3];
/** Added to a state that came later than any reading of the table. */
const isNewer = 4;

const firstCapacity = 1024;
/** Fuller than this, probing gets long. */
const maxLoad = 0.75;

/** Rows of one feed by id. */
export class RowVersions {
  #capacity = firstCapacity;
  #table = new Uint32Array(firstCapacity * wordsPerSlot);
  #used = 0;

  /** What is known of a row. */
  get(id: string): RowState {
    const at = this.#slotOf(wordsOf(id)) * wordsPerSlot;
    return this.#stateAt(at);
  }

  /** A row as it was read; what came to be known of it since the reading began counts more. */
  read(id: string, state: RowState): void {
    const at = this.#place(wordsOf(id));
    if (((this.#table[at + stateAt] ?? 0) & isNewer) === 0) this.#set(at, state, 0);
  }

  /** A row has changed after the reading began. */
  change(id: string, state: RowState): void {
    this.#set(this.#place(wordsOf(id)), state, isNewer);
  }

  /** How many rows hold an object, or are not what was written. */
  count(kind: 'sound' | 'unsound'): number {
    const wanted = kind === 'sound' ? sound : unsound;
    let count = 0;
    for (let at = 0; at < this.#table.length; at += wordsPerSlot) {
      if (this.#codeAt(at) === wanted) count += 1;
    }
    return count;
  }

  /** The versions of the rows that hold objects, in no order. */
  *versions(): Generator<VersionHash> {
    for (let at = 0; at < this.#table.length; at += wordsPerSlot) {
      if (this.#codeAt(at) === sound) yield this.#versionAt(at);
    }
  }

  /** The rows that hold objects in the order of their versions, at most so many of them. */
  *inVersionOrder(most: number): Generator<SoundRow> {
    const places = new Uint32Array(Math.min(most, this.count('sound')));
    let count = 0;
    for (let at = 0; at < this.#table.length && count < places.length; at += wordsPerSlot) {
      if (this.#codeAt(at) !== sound) continue;
      places[count] = at;
      count += 1;
    }
    const table = this.#table;
    places.sort(
      (one, other) =>
        (table[one + highAt] ?? 0) - (table[other + highAt] ?? 0) ||
        (table[one + lowAt] ?? 0) - (table[other + lowAt] ?? 0),
    );
    for (const at of places) {
      yield { id: table.subarray(at, at + wordsPerId), version: this.#versionAt(at) };
    }
  }

  #stateAt(at: number): RowState {
    switch (this.#codeAt(at)) {
      case sound:
        return { kind: 'sound', version: this.#versionAt(at) };
      case unsound:
        return { kind: 'unsound' };
      default:
        return { kind: 'absent' };
    }
  }

  /** 0 for a slot that is free. */
  #codeAt(at: number): number {
    return (this.#table[at + stateAt] ?? 0) & ~isNewer;
  }

  #versionAt(at: number): VersionHash {
    return { high: this.#table[at + highAt] ?? 0, low: this.#table[at + lowAt] ?? 0 };
  }

  #set(at: number, state: RowState, newer: number): void {
    const words = { sound, unsound, absent };
    this.#table[at + stateAt] = words[state.kind] | newer;
    if (state.kind !== 'sound') return;
    this.#table[at + highAt] = state.version.high;
    this.#table[at + lowAt] = state.version.low;
  }

  /** Where the id stands, which it does from now on. */
  #place(words: Uint32Array): number {
    if (this.#used >= this.#capacity * maxLoad) this.#grow();
    const at = this.#slotOf(words) * wordsPerSlot;
    if (this.#table[at] === 0) {
      this.#table.set(words, at);
      this.#used += 1;
    }
    return at;
  }

  /** The slot that holds the words, or the free one where they would go. */
  #slotOf(words: Uint32Array): number {
    const mask = this.#capacity - 1;
    let slot = (words[0] ?? 0) & mask;
    while (!this.#isFreeOrHolds(slot * wordsPerSlot, words)) slot = (slot + 1) & mask;
    return slot;
  }

  #isFreeOrHolds(at: number, words: Uint32Array): boolean {
    if (this.#table[at] === 0) return true;
    for (let index = 0; index < wordsPerId; index += 1) {
      if (this.#table[at + index] !== words[index]) return false;
    }
    return true;
  }

  #grow(): void {
    const old = this.#table;
    this.#capacity *= 2;
    this.#table = new Uint32Array(this.#capacity * wordsPerSlot);
    for (let at = 0; at < old.length; at += wordsPerSlot) {
      if (old[at] === 0) continue;
      const slot = old.subarray(at, at + wordsPerSlot);
      this.#table.set(slot, this.#slotOf(slot) * wordsPerSlot);
    }
  }
}
