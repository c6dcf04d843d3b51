/* eslint-disable @typescript-eslint/no-non-null-assertion --
   `?? 0` on the reads below was measured to halve the speed of the whole scan. */
/**
 * Strict steps over JSON text (RFC 8259, UTF-8 checked): each takes the position where a thing
 * starts and returns the position behind it, or -1 after {@link JsonWalker.fail}. The byte at
 * `limit` is 0, which is valid nowhere in JSON: it ends every loop, so no length is checked on the
 * way. Nothing is lenient here, since two readers that disagree about a lenient case would disagree
 * about where a secret ends.
 */
import { maxDepth, scanStatuses } from './kernel.ts';

/** Brackets open at a time in all but strange objects. */
const usualDepth = 32;
const incomplete = scanStatuses.indexOf('incomplete');
const malformed = scanStatuses.indexOf('malformed');
const tooDeep = scanStatuses.indexOf('tooDeep');
const invalidUtf8 = scanStatuses.indexOf('invalidUtf8');

/** 1 for the ASCII characters that stand for themselves in a string. */
const plainCharacters = Uint8Array.from({ length: 256 }, (_, c) =>
  c >= 0x20 && c < 0x80 && c !== 0x22 && c !== 0x5c ? 1 : 0,
);

/** Letters behind the first one of `true`, `false` and `null`. */
const words = { rue: [0x72, 0x75, 0x65], alse: [0x61, 0x6c, 0x73, 0x65], ull: [0x75, 0x6c, 0x6c] };

/** A walk over one loaded text; the plain-TypeScript kernel is built on it. */
export class JsonWalker {
  /** The text. */
  bytes: Buffer = Buffer.alloc(1);
  /** Where the text ends; `bytes[limit]` is 0. */
  limit = 0;
  /** Index into `scanStatuses` of the last fault. */
  fault = 0;
  /** Position of the byte that made the last fault. */
  faultAt = 0;
  /** Whether the string last walked was ASCII without escapes. */
  plain = true;
  /** A line feed is no white space, so that a broken line is not read on into those behind it. */
  isOneLine = false;
  /** One byte per open bracket of a skipped value: 1 object, 0 array. Grows: there are many walkers. */
  #stack = new Uint8Array(usualDepth);

  /** Notes a fault at `p`; at the end of the text every fault is only a lack of bytes. */
  fail(p: number, code: number): -1 {
    this.fault = p >= this.limit ? incomplete : code;
    this.faultAt = p;
    return -1;
  }

  /** The byte at `p`; 0 behind the text. */
  at(p: number): number {
    return this.bytes[p]!;
  }

  /** Skips white space. */
  space(from: number): number {
    const bytes = this.bytes;
    let p = from;
    let c = bytes[p]!;
    while (c === 0x20 || (c === 0x0a && !this.isOneLine) || c === 0x0d || c === 0x09) {
      c = bytes[++p]!;
    }
    return p;
  }

  /** From behind the opening quote to behind the closing one. */
  stringEnd(from: number): number {
    const p = plainEnd(this.bytes, from);
    this.plain = this.bytes[p] === 0x22;
    return this.plain ? p + 1 : this.#longStringEnd(p);
  }

  /** From the opening quote of a key to behind its closing quote. */
  keyEnd(p: number): number {
    return this.bytes[p] === 0x22 ? this.stringEnd(p + 1) : this.fail(p, malformed);
  }

  /** From behind a key to the first byte of its value. */
  valueStart(from: number): number {
    const p = this.space(from);
    return this.bytes[p] === 0x3a ? this.space(p + 1) : this.fail(p, malformed);
  }

  /** Any value, however deep, without recursion. */
  skipValue(from: number): number {
    const bytes = this.bytes;
    let p = from;
    let depth = 0;
    let isObject = false;
    for (;;) {
      const c = bytes[p]!;
      if (c === 0x22) {
        p = plainEnd(bytes, p + 1);
        p = bytes[p] === 0x22 ? p + 1 : this.#longStringEnd(p);
      } else if (c === 0x7b || c === 0x5b) {
        if (bytes[++p]! <= 0x20) p = this.space(p);
        if (bytes[p] === c + 2) {
          p++;
        } else {
          if (depth === this.#stack.length && !this.#deepen()) return this.fail(p, tooDeep);
          this.#stack[depth++] = isObject ? 1 : 0;
          isObject = c === 0x7b;
          if (isObject) p = this.#memberValue(p);
          if (p < 0) return p;
          continue;
        }
      } else {
        p = this.#scalarEnd(p, c);
      }
      if (p < 0) return p;
      for (;;) {
        if (depth === 0) return p;
        if (bytes[p]! <= 0x20) p = this.space(p);
        const next = bytes[p];
        if (next === 0x2c) break;
        if (next !== (isObject ? 0x7d : 0x5d)) return this.fail(p, malformed);
        p++;
        isObject = this.#stack[--depth] === 1;
      }
      if (bytes[++p]! <= 0x20) p = this.space(p);
      if (isObject) p = this.#memberValue(p);
      if (p < 0) return p;
    }
  }

  /** Makes room for more open brackets; false when there may not be more. */
  #deepen(): boolean {
    const before = this.#stack;
    if (before.length === maxDepth) return false;
    this.#stack = new Uint8Array(Math.min(2 * before.length, maxDepth));
    this.#stack.set(before);
    return true;
  }

  /** From the opening quote of a key to the first byte of its value. */
  #memberValue(from: number): number {
    const bytes = this.bytes;
    if (bytes[from] !== 0x22) return this.fail(from, malformed);
    let p = plainEnd(bytes, from + 1);
    p = bytes[p] === 0x22 ? p + 1 : this.#longStringEnd(p);
    if (p < 0) return p;
    return bytes[p] === 0x3a && bytes[p + 1]! > 0x20 ? p + 1 : this.valueStart(p);
  }

  /** A string from its first byte that is not plain. */
  #longStringEnd(from: number): number {
    const bytes = this.bytes;
    let p = from;
    while (bytes[p] !== 0x22) {
      p = this.#oddByteEnd(p, bytes[p]!);
      if (p < 0) return p;
      p = plainEnd(bytes, p);
    }
    return p + 1;
  }

  #oddByteEnd(p: number, c: number): number {
    if (c === 0x5c) return this.#escapeEnd(p);
    return c < 0x20 ? this.fail(p, malformed) : this.#sequenceEnd(p, c);
  }

  #escapeEnd(p: number): number {
    const c = this.at(p + 1);
    if (c === 0x75) {
      for (let i = p + 2; i < p + 6; i++) {
        if (hexDigit(this.at(i)) < 0) return this.fail(i, malformed);
      }
      return p + 6;
    }
    // " \ / b f n r t
    const isKnown =
      c === 0x22 ||
      c === 0x5c ||
      c === 0x2f ||
      c === 0x62 ||
      c === 0x66 ||
      c === 0x6e ||
      c === 0x72 ||
      c === 0x74;
    return isKnown ? p + 2 : this.fail(p + 1, malformed);
  }

  /** One UTF-8 sequence of two to four bytes: no overlong form, no surrogate (RFC 3629). */
  #sequenceEnd(p: number, lead: number): number {
    if (lead < 0xc2 || lead > 0xf4) return this.fail(p, invalidUtf8);
    const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
    const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
    const second = this.at(p + 1);
    if (second < low || second > high) return this.fail(p + 1, invalidUtf8);
    const end = p + (lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4);
    for (let i = p + 2; i < end; i++) {
      if ((this.at(i) & 0xc0) !== 0x80) return this.fail(i, invalidUtf8);
    }
    return end;
  }

  #scalarEnd(p: number, c: number): number {
    if (c === 0x74) return this.#wordEnd(p, words.rue);
    if (c === 0x66) return this.#wordEnd(p, words.alse);
    if (c === 0x6e) return this.#wordEnd(p, words.ull);
    return c === 0x2d || isDigit(c) ? this.#numberEnd(p) : this.fail(p, malformed);
  }

  #wordEnd(from: number, rest: readonly number[]): number {
    let p = from + 1;
    for (const letter of rest) {
      if (this.at(p) !== letter) return this.fail(p, malformed);
      p++;
    }
    return p;
  }

  #numberEnd(from: number): number {
    let p = this.at(from) === 0x2d ? from + 1 : from;
    p = this.at(p) === 0x30 ? p + 1 : this.#digitsEnd(p);
    if (p < 0) return p;
    if (this.at(p) === 0x2e) {
      p = this.#digitsEnd(p + 1);
      if (p < 0) return p;
    }
    if ((this.at(p) | 0x20) !== 0x65) return p;
    const sign = this.at(p + 1);
    return this.#digitsEnd(sign === 0x2b || sign === 0x2d ? p + 2 : p + 1);
  }

  #digitsEnd(from: number): number {
    let p = from;
    if (!isDigit(this.at(p))) return this.fail(p, malformed);
    while (isDigit(this.at(p))) p++;
    return p;
  }
}

/** Position of the first byte that is not plain; the 0 behind the text is not. */
function plainEnd(bytes: Uint8Array, from: number): number {
  let p = from;
  while (plainCharacters[bytes[p]!] === 1) p++;
  return p;
}

/** Value of a hexadecimal digit; -1 for anything else. */
export function hexDigit(c: number): number {
  if (isDigit(c)) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function isDigit(c: number): boolean {
  return c >= 0x30 && c <= 0x39;
}
