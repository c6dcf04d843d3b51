/**
 * Row keys made from content: 26 characters of Crockford's base 32, the form that Clouddriver's
 * relation tables hold, so that writing the same relation twice writes the same row.
 */
import { hash } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Two symbols for each number of 10 bits: half as many pieces to join. */
const pairs = Array.from(alphabet).flatMap((first) => Array.from(alphabet, (next) => first + next));
const pairBits = 10;
const digestBits = 128;

/** The first 128 bits of the text's SHA-256 as a ULID-shaped string. */
export function contentUuid(content: string): string {
  const digest = hash('sha256', content, 'buffer');
  // 26 symbols hold 130 bits: the number is read as if two zero bits stood before it.
  let text = pairs[digest[0] ?? 0] ?? '';
  for (let bit = 8; bit < digestBits; bit += pairBits) {
    const byte = bit >> 3;
    const twoBytes = ((digest[byte] ?? 0) << 8) | (digest[byte + 1] ?? 0);
    text += pairs[(twoBytes >> (6 - (bit & 7))) & 1023] ?? '';
  }
  return text;
}
