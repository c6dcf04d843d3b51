/**
 * What is stored of a feed's objects, as it travels before a snapshot: their hashes, ascending. The
 * answer is one bit for each, in the same order, set for those that the cluster holds.
 */
import { versionHashBytes, type VersionHash } from './object-version.ts';
import { ProtocolError } from './protocol-error.ts';

/** Most hashes in a set: 1 MiB on the wire. Objects beyond are sent again. */
export const maxKnownObjects = 131_072;

/** Puts hashes in the order in which they travel. */
export function compareVersionHashes(one: VersionHash, other: VersionHash): number {
  return one.high - other.high || one.low - other.low;
}

/** Writes hashes as they travel; they must come in order. */
export class VersionSetEncoder {
  /** The set, once all are added. */
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** A set of exactly `size` hashes. */
  constructor(size: number) {
    this.bytes = new Uint8Array(size * versionHashBytes);
    this.#view = new DataView(this.bytes.buffer);
  }

  /** Appends a hash. */
  add({ high, low }: VersionHash): void {
    this.#view.setUint32(this.#at, high);
    this.#view.setUint32(this.#at + 4, low);
    this.#at += versionHashBytes;
  }
}

/** Hashes as they travel, in whatever order they are given. */
export function encodeVersionSet(hashes: readonly VersionHash[]): Uint8Array {
  const encoder = new VersionSetEncoder(hashes.length);
  for (const hash of hashes.toSorted(compareVersionHashes)) encoder.add(hash);
  return encoder.bytes;
}

/** A set that came over the wire, and which of it was met. */
export class VersionSet {
  readonly #hashes: Uint32Array;
  readonly #met: Uint8Array;
  #metCount = 0;

  /** @throws {@link ProtocolError} `badDigest` for bytes that are no set. */
  constructor(bytes: Uint8Array) {
    const size = bytes.byteLength / versionHashBytes;
    if (!Number.isInteger(size) || size > maxKnownObjects) {
      throw new ProtocolError('badDigest', `a set of versions has ${bytes.byteLength} bytes`);
    }
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#hashes = new Uint32Array(size * 2);
    for (let at = 0; at < size * 2; at += 1) this.#hashes[at] = source.readUInt32BE(at * 4);
    this.#met = new Uint8Array(Math.ceil(size / 8));
  }

  /** Hashes in it. */
  get size(): number {
    return this.#hashes.length / 2;
  }

  /** Those that were met. */
  get metCount(): number {
    return this.#metCount;
  }

  /** Whether a version is in it; it counts as met then. */
  meet(hash: VersionHash): boolean {
    const index = this.#indexOf(hash);
    if (index < 0) return false;
    const bit = 1 << (index % 8);
    const byte = this.#met[index >> 3] ?? 0;
    if ((byte & bit) === 0) this.#metCount += 1;
    this.#met[index >> 3] = byte | bit;
    return true;
  }

  /** One bit for each hash, the first one lowest. */
  met(): Uint8Array {
    return this.#met.slice();
  }

  #indexOf({ high, low }: VersionHash): number {
    let from = 0;
    let to = this.size - 1;
    while (from <= to) {
      const middle = (from + to) >> 1;
      const order = (this.#hashes[middle * 2] ?? 0) - high;
      const found = order !== 0 ? order : (this.#hashes[middle * 2 + 1] ?? 0) - low;
      if (found === 0) return middle;
      if (found < 0) from = middle + 1;
      else to = middle - 1;
    }
    return -1;
  }
}

/** The places whose bits are set, ascending; bits beyond `size` are left out. */
export function* placesIn(bits: Uint8Array, size: number): Generator<number> {
  for (let index = 0; index < Math.min(size, bits.byteLength * 8); index += 1) {
    if (((bits[index >> 3] ?? 0) & (1 << (index % 8))) !== 0) yield index;
  }
}
