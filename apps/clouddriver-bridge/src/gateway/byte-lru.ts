/** A bounded store of things with sizes: what was not used for longest goes first. Pure. */

/** How much may be kept. */
export interface ByteLruLimits {
  /** Of all owners together. */
  readonly totalBytes: number;
  /** Of one owner. */
  readonly perOwnerBytes: number;
}

interface Kept<Value> {
  readonly value: Value;
  readonly bytes: number;
}

/** Keeps values by owner and key. */
export class ByteLru<Value> {
  readonly #limits: ByteLruLimits;
  /** In the order of use, over all owners: the first one was used longest ago. */
  readonly #kept = new Map<string, Kept<Value>>();
  readonly #bytes = new Map<string, number>();
  #totalBytes = 0;

  constructor(limits: ByteLruLimits) {
    this.#limits = limits;
  }

  /** Bytes kept, of all owners. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** A value, which counts as used. */
  get(owner: string, key: string): Value | undefined {
    const place = placeOf(owner, key);
    const kept = this.#kept.get(place);
    if (kept === undefined) return undefined;
    this.#kept.delete(place);
    this.#kept.set(place, kept);
    return kept.value;
  }

  /** Keeps a value in the place of what was there; one that is larger than all room is not kept. */
  set(owner: string, key: string, { value, bytes }: Kept<Value>): void {
    this.delete(owner, key);
    const { totalBytes, perOwnerBytes } = this.#limits;
    if (bytes > Math.min(totalBytes, perOwnerBytes)) return;
    this.#kept.set(placeOf(owner, key), { value, bytes });
    this.#add(owner, bytes);
    for (const place of [...this.#ownersPlaces(owner)]) {
      if ((this.#bytes.get(owner) ?? 0) <= perOwnerBytes) break;
      this.#drop(place);
    }
    for (const place of this.#kept.keys()) {
      if (this.#totalBytes <= totalBytes) break;
      this.#drop(place);
    }
  }

  /** Keeps a value no longer. */
  delete(owner: string, key: string): void {
    this.#drop(placeOf(owner, key));
  }

  /** Keeps nothing of an owner that `isGone` says so of. */
  deleteOf(owner: string, isGone: (value: Value) => boolean): void {
    for (const place of [...this.#ownersPlaces(owner)]) {
      const kept = this.#kept.get(place);
      if (kept !== undefined && isGone(kept.value)) this.#drop(place);
    }
  }

  *#ownersPlaces(owner: string): Generator<string> {
    if (!this.#bytes.has(owner)) return;
    const start = placeOf(owner, '');
    for (const place of this.#kept.keys()) if (place.startsWith(start)) yield place;
  }

  #drop(place: string): void {
    const kept = this.#kept.get(place);
    if (kept === undefined) return;
    this.#kept.delete(place);
    this.#add(place.slice(0, place.indexOf('\n')), -kept.bytes);
  }

  #add(owner: string, bytes: number): void {
    const sum = (this.#bytes.get(owner) ?? 0) + bytes;
    if (sum === 0) this.#bytes.delete(owner);
    else this.#bytes.set(owner, sum);
    this.#totalBytes += bytes;
  }
}

/** Names of accounts have no line ends. */
function placeOf(owner: string, key: string): string {
  return `${owner}\n${key}`;
}
