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

/** Hashes as they travel; they must be in order. */
export function encodeVersionSet(hashes: readonly VersionHash[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(hashes.length * versionHashBytes);
  for (const [index, { high, low }] of hashes.entries()) {
    bytes.writeUInt32BE(high, index * versionHashBytes);
    bytes.writeUInt32BE(low, index * versionHashBytes + 4);
  }
  return bytes;
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
