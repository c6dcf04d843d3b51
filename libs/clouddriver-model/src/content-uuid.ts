/**
 * Row keys made from content: 26 characters of Crockford's base 32, the form that Clouddriver's
 * relation tables hold, so that writing the same relation twice writes the same row.
 */
import { hash } from 'node:crypto';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const symbolBits = 5;
const digestBits = 128;

/** The first 128 bits of the text's SHA-256 as a ULID-shaped string. */
export function contentUuid(content: string): string {
  const digest = hash('sha256', content, 'buffer');
  let text = '';
  // 26 symbols hold 130 bits: the number is read as if two zero bits stood before it.
  for (let bit = -2; bit < digestBits - 2; bit += symbolBits) {
    const byte = bit >> 3;
    const pair = ((digest[byte] ?? 0) << 8) | (digest[byte + 1] ?? 0);
    text += alphabet[(pair >> (11 - (bit & 7))) & 31] ?? '';
  }
  return text;
}
