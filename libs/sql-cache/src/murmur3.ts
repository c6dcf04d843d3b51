/**
 * MurmurHash3, the 128-bit variant for 64-bit machines with seed 0, printed as Guava prints it:
 * that is what Clouddriver shortens long table names with. Used for few names, so BigInt will do.
 */

const mask = (1n << 64n) - 1n;
const c1 = 0x87c37b91114253d5n;
const c2 = 0x4cf5ad432745937fn;

/** The 32 hex digits that Guava's `murmur3_128().hashBytes(utf8)` prints. */
export function murmur3Hex(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const blocks = Math.floor(bytes.length / 16);
  let h1 = 0n;
  let h2 = 0n;
  for (let block = 0; block < blocks; block += 1) {
    h1 ^= mixFirst(bytes.readBigUInt64LE(block * 16));
    h1 = (rotate(h1, 27n) + h2) & mask;
    h1 = (h1 * 5n + 0x52dce729n) & mask;
    h2 ^= mixSecond(bytes.readBigUInt64LE(block * 16 + 8));
    h2 = (rotate(h2, 31n) + h1) & mask;
    h2 = (h2 * 5n + 0x38495ab5n) & mask;
  }
  const tail = Buffer.alloc(16);
  bytes.copy(tail, 0, blocks * 16);
  h1 ^= mixFirst(tail.readBigUInt64LE(0));
  h2 ^= mixSecond(tail.readBigUInt64LE(8));
  return finish(h1, h2, BigInt(bytes.length));
}

function finish(first: bigint, second: bigint, length: bigint): string {
  let h1 = first ^ length;
  let h2 = second ^ length;
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  h1 = scramble(h1);
  h2 = scramble(h2);
  h1 = (h1 + h2) & mask;
  h2 = (h2 + h1) & mask;
  const digest = Buffer.alloc(16);
  digest.writeBigUInt64LE(h1, 0);
  digest.writeBigUInt64LE(h2, 8);
  return digest.toString('hex');
}

function mixFirst(word: bigint): bigint {
  return (rotate((word * c1) & mask, 31n) * c2) & mask;
}

function mixSecond(word: bigint): bigint {
  return (rotate((word * c2) & mask, 33n) * c1) & mask;
}

function scramble(word: bigint): bigint {
  let k = word ^ (word >> 33n);
  k = (k * 0xff51afd7ed558ccdn) & mask;
  k ^= k >> 33n;
  k = (k * 0xc4ceb9fe1a85ec53n) & mask;
  return k ^ (k >> 33n);
}

function rotate(word: bigint, bits: bigint): bigint {
  return ((word << bits) | (word >> (64n - bits))) & mask;
}
