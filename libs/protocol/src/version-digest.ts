/**
 * A digest of many object versions, in buckets: two sides that hold the same versions have the same
 * sums, in whatever order they met them. A bucket's sum has two halves, each the sum of the same
 * half of the hashes in it, modulo 2^32.
 */
import { versionHashBytes, type VersionHash } from './object-version.ts';
import { ProtocolError } from './protocol-error.ts';

/** Most buckets: 32 KiB on the wire. */
export const maxDigestBuckets = 4096;
/** So many objects share a bucket: fewer would cost bytes, and a difference is rare. */
const objectsPerBucket = 64;

/** How many buckets so many objects are sorted into. */
export function digestBucketsFor(objects: number): number {
  let buckets = 1;
  while (buckets < maxDigestBuckets && buckets * objectsPerBucket < objects) buckets *= 2;
  return buckets;
}

/** Whether it is a number of buckets: a power of two up to {@link maxDigestBuckets}. */
export function isBucketCount(count: number): boolean {
  return count >= 1 && count <= maxDigestBuckets && Number.isInteger(Math.log2(count));
}

/** The sums; versions come and go. */
export class VersionDigest {
  /** How many buckets it has. */
  readonly buckets: number;
  readonly #sums: Uint32Array;

  /** An empty one of `buckets` buckets, see {@link isBucketCount}. */
  constructor(buckets: number) {
    this.buckets = buckets;
    this.#sums = new Uint32Array(buckets * 2);
  }

  /**
   * The digest that {@link encode} made.
   *
   * @throws {@link ProtocolError} `badDigest` for bytes that are none.
   */
  static decode(bytes: Uint8Array): VersionDigest {
    const buckets = bytes.byteLength / versionHashBytes;
    if (!isBucketCount(buckets)) {
      throw new ProtocolError('badDigest', `a digest has ${bytes.byteLength} bytes`);
    }
    const digest = new VersionDigest(buckets);
    const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let at = 0; at < buckets * 2; at += 1) digest.#sums[at] = source.readUInt32BE(at * 4);
    return digest;
  }

  /** A version is there. */
  add(hash: VersionHash): void {
    this.#change(hash, 1);
  }

  /** A version that was added is no more. */
  remove(hash: VersionHash): void {
    this.#change(hash, -1);
  }

  /** The buckets in which the other one, of as many buckets, has another sum. */
  differences(other: VersionDigest): number[] {
    const found: number[] = [];
    for (let bucket = 0; bucket < this.buckets; bucket += 1) {
      const at = bucket * 2;
      const isSame =
        this.#sums[at] === other.#sums[at] && this.#sums[at + 1] === other.#sums[at + 1];
      if (!isSame) found.push(bucket);
    }
    return found;
  }

  /** One bucket's sum as text. */
  sumOf(bucket: number): string {
    return `${this.#sums[bucket * 2] ?? 0}.${this.#sums[bucket * 2 + 1] ?? 0}`;
  }

  /** Eight bytes for each bucket, in order. */
  encode(): Uint8Array {
    const bytes = Buffer.alloc(this.buckets * versionHashBytes);
    for (const [at, half] of this.#sums.entries()) bytes.writeUInt32BE(half, at * 4);
    return bytes;
  }

  #change({ high, low }: VersionHash, sign: 1 | -1): void {
    const at = Math.floor((high / 2 ** 32) * this.buckets) * 2;
    // The array itself takes the sums modulo 2^32.
    this.#sums[at] = (this.#sums[at] ?? 0) + sign * high;
    this.#sums[at + 1] = (this.#sums[at + 1] ?? 0) + sign * low;
  }
}
