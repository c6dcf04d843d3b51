// Objects in the order of their keys, kept so that a look at all of them costs nothing however many
// they are: the order is cut into leaves of a few hundred objects, and a change copies only the
// leaf it falls into, and that only if somebody still looks at it.
import { type StoredObject } from './stored-object.ts';

/** A leaf that grows beyond this is cut in two; small enough to copy at every change. */
const MAX_LEAF_OBJECTS = 512;

type Leaf = readonly StoredObject[];

/** All objects of one moment, in order. It never changes. */
export class ObjectList implements Iterable<StoredObject> {
  /** Number of objects. */
  readonly length: number;
  readonly #leaves: readonly Leaf[];

  constructor(leaves: readonly Leaf[], length: number) {
    this.#leaves = leaves;
    this.length = length;
  }

  /** The object at a position. */
  at(index: number): StoredObject | undefined {
    let rest = index;
    for (const leaf of this.#leaves) {
      if (rest < leaf.length) return leaf[rest];
      rest -= leaf.length;
    }
    return undefined;
  }

  /** The object under a key. */
  get(key: string): StoredObject | undefined {
    const leaf = this.#leaves[leafOf(this.#leaves, key)];
    const object = leaf?.[lowerBound(leaf, key)];
    return object?.key === key ? object : undefined;
  }

  /** Position of the first object whose key is not before `key`. */
  lowerBound(key: string): number {
    const at = leafOf(this.#leaves, key);
    let before = 0;
    for (let index = 0; index < at; index++) before += this.#leaves[index]?.length ?? 0;
    const leaf = this.#leaves[at];
    return leaf === undefined ? before : before + lowerBound(leaf, key);
  }

  /** The objects from position `begin` to before `end`. */
  *range(begin: number, end: number): Generator<StoredObject, undefined> {
    let first = 0;
    for (const leaf of this.#leaves) {
      if (first >= end) return;
      const from = Math.max(0, begin - first);
      const to = Math.min(leaf.length, end - first);
      for (let index = from; index < to; index++) {
        const object = leaf[index];
        if (object !== undefined) yield object;
      }
      first += leaf.length;
    }
  }

  /** All objects, in order. */
  [Symbol.iterator](): Iterator<StoredObject, undefined> {
    return this.range(0, this.length);
  }

  /** @internal The same objects, open for change; what is changed there does not change here. */
  toSorted(): SortedObjects {
    return new SortedObjects(this.#leaves, this.length);
  }
}

/** Objects in order, open for change. */
export class SortedObjects {
  #leaves: Leaf[];
  #length: number;
  /** Leaves that nobody else sees. */
  #own = new Set<Leaf>();
  #view: ObjectList | undefined;

  constructor(leaves: readonly Leaf[] = [], length = 0) {
    this.#leaves = [...leaves];
    this.#length = length;
  }

  /** Number of objects. */
  get length(): number {
    return this.#length;
  }

  /** All objects as they are now; stays as it is whatever happens later. */
  view(): ObjectList {
    if (this.#view === undefined) {
      this.#view = new ObjectList(this.#leaves, this.#length);
      this.#own = new Set();
    }
    return this.#view;
  }

  /** The object under a key. */
  get(key: string): StoredObject | undefined {
    const leaf = this.#leaves[leafOf(this.#leaves, key)];
    const object = leaf?.[lowerBound(leaf, key)];
    return object?.key === key ? object : undefined;
  }

  /** The object at a position. */
  at(index: number): StoredObject | undefined {
    let rest = index;
    for (const leaf of this.#leaves) {
      if (rest < leaf.length) return leaf[rest];
      rest -= leaf.length;
    }
    return undefined;
  }

  /** Puts many objects in at once. */
  load(objects: readonly StoredObject[]): void {
    const all = [...this.view(), ...objects].sort((a, b) => (a.key < b.key ? -1 : 1));
    this.#change();
    this.#leaves = [];
    for (let start = 0; start < all.length; start += MAX_LEAF_OBJECTS) {
      this.#leaves.push(all.slice(start, start + MAX_LEAF_OBJECTS));
    }
    this.#length = all.length;
  }

  /** Puts an object in, in place of the one that has its key. */
  put(object: StoredObject): void {
    this.#change();
    const at = Math.min(leafOf(this.#leaves, object.key), Math.max(0, this.#leaves.length - 1));
    const leaf = this.#openLeaf(at);
    const index = lowerBound(leaf, object.key);
    if (leaf[index]?.key === object.key) {
      leaf[index] = object;
      return;
    }
    leaf.splice(index, 0, object);
    this.#length++;
    if (leaf.length > MAX_LEAF_OBJECTS) this.#split(at, leaf);
  }

  /** Takes out the object under a key, if there is one. */
  remove(key: string): void {
    if (this.get(key) === undefined) return;
    this.#change();
    const at = leafOf(this.#leaves, key);
    const leaf = this.#openLeaf(at);
    leaf.splice(lowerBound(leaf, key), 1);
    this.#length--;
    if (leaf.length === 0) this.#leaves.splice(at, 1);
  }

  /** From here on the view of before is no longer ours. */
  #change(): void {
    if (this.#view === undefined) return;
    this.#view = undefined;
    this.#leaves = this.#leaves.slice();
  }

  #openLeaf(at: number): StoredObject[] {
    const leaf = this.#leaves[at] ?? [];
    if (this.#own.has(leaf)) return leaf as StoredObject[];
    const copy = leaf.slice();
    this.#own.add(copy);
    this.#leaves[at] = copy;
    return copy;
  }

  #split(at: number, leaf: StoredObject[]): void {
    const second = leaf.splice(leaf.length >> 1);
    this.#own.add(second);
    this.#leaves.splice(at + 1, 0, second);
  }
}

/** The leaf that has, or would have, a key: the first whose last key is not before it. */
function leafOf(leaves: readonly Leaf[], key: string): number {
  let low = 0;
  let high = leaves.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const leaf = leaves[middle];
    const last = leaf?.[leaf.length - 1];
    if (last !== undefined && last.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lowerBound(objects: Leaf, key: string): number {
  let low = 0;
  let high = objects.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const object = objects[middle];
    if (object !== undefined && object.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
