/**
 * Strict steps over JSON text (RFC 8259, UTF-8): each function takes the position where a thing
 * starts and returns the one behind it, or -1. The zero byte behind the text ends every loop, so
 * that no length is checked on the way.
 */
import { BACKSLASHES, MAX_DEPTH, QUOTES, SPACES, STACK, WINDOW } from './layout';

/** Whether the string last walked was ASCII without escapes. */
export let isPlain: bool = true;

export function at(p: i32): i32 {
  return <i32>load<u8>(<usize>p, WINDOW);
}

export function space(p: i32): i32 {
  return at(p) > 0x20 ? p : longSpace(p);
}

function longSpace(from: i32): i32 {
  let p = from;
  while (true) {
    const c = at(p);
    if (c != 0x20 && c != 0x0a && c != 0x0d && c != 0x09) return p;
    p++;
  }
}

/** From behind the opening quote to behind the closing one. */
export function stringEnd(from: i32): i32 {
  const found = stops(from);
  if (found != 0) {
    const p = from + ctz(found);
    if (at(p) == 0x22) {
      isPlain = true;
      return p + 1;
    }
  }
  return longString(from);
}

/** Bits of the next 16 bytes that need a look: quote, backslash, control, not ASCII. */
function stops(p: i32): i32 {
  const bytes = v128.load(<usize>p, WINDOW);
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(bytes, v128.load(QUOTES)), i8x16.eq(bytes, v128.load(BACKSLASHES))),
      i8x16.lt_s(bytes, v128.load(SPACES)),
    ),
  );
}

function longString(from: i32): i32 {
  let p = from;
  let plain = true;
  while (true) {
    const found = stops(p);
    if (found == 0) {
      p += 16;
      continue;
    }
    p += ctz(found);
    const c = at(p);
    if (c == 0x22) {
      isPlain = plain;
      return p + 1;
    }
    plain = false;
    p = c == 0x5c ? escapeEnd(p) : sequenceEnd(p, c);
    if (p < 0) return p;
  }
}

function escapeEnd(p: i32): i32 {
  const c = at(p + 1);
  if (c == 0x75) {
    for (let i = 2; i < 6; i++) if (!isHexDigit(at(p + i))) return -1;
    return p + 6;
  }
  const isKnown =
    c == 0x22 ||
    c == 0x5c ||
    c == 0x2f ||
    c == 0x62 ||
    c == 0x66 ||
    c == 0x6e ||
    c == 0x72 ||
    c == 0x74;
  return isKnown ? p + 2 : -1;
}

function isHexDigit(c: i32): bool {
  const lower = c | 0x20;
  return isDigit(c) || (lower >= 0x61 && lower <= 0x66);
}

/** One character of several bytes: no control character, no overlong form, no surrogate, none above U+10FFFF. */
function sequenceEnd(p: i32, lead: i32): i32 {
  if (lead < 0xc2 || lead > 0xf4) return -1;
  const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  const second = at(p + 1);
  if (second < low || second > high) return -1;
  const count = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 2; i < count; i++) if ((at(p + i) & 0xc0) != 0x80) return -1;
  return p + count;
}

function isDigit(c: i32): bool {
  return <u32>(c - 0x30) < 10;
}

function digitsEnd(from: i32): i32 {
  let p = from;
  while (isDigit(at(p))) p++;
  return p == from ? -1 : p;
}

/** A number or a literal. */
function wordEnd(p: i32, c: i32): i32 {
  const four = load<u32>(<usize>p, WINDOW);
  if (c == 0x74) return four == 0x65757274 ? p + 4 : -1;
  if (c == 0x6e) return four == 0x6c6c756e ? p + 4 : -1;
  if (c == 0x66) return load<u32>(<usize>p + 1, WINDOW) == 0x65736c61 ? p + 5 : -1;
  return numberEnd(p);
}

function numberEnd(from: i32): i32 {
  let p = at(from) == 0x2d ? from + 1 : from;
  p = at(p) == 0x30 ? p + 1 : digitsEnd(p);
  if (p < 0) return p;
  if (at(p) == 0x2e) {
    p = digitsEnd(p + 1);
    if (p < 0) return p;
  }
  if ((at(p) | 0x20) != 0x65) return p;
  const sign = at(p + 1);
  return digitsEnd(sign == 0x2b || sign == 0x2d ? p + 2 : p + 1);
}

/** From the opening quote of a key to the first byte of its value. */
function memberValue(from: i32): i32 {
  if (at(from) != 0x22) return -1;
  const p = stringEnd(from + 1);
  return p < 0 ? p : valueStart(p);
}

/** From behind a key to the first byte of its value. */
export function valueStart(from: i32): i32 {
  const p = space(from);
  return at(p) == 0x3a ? space(p + 1) : -1;
}

/** Any value that nests no deeper than {@link MAX_DEPTH}. */
export function valueEnd(from: i32): i32 {
  let p = from;
  let depth = 0;
  // What closes the innermost of the open brackets.
  let close = 0;
  while (true) {
    let c = at(p);
    if (c == 0x22) {
      p = stringEnd(p + 1);
    } else if ((c | 0x20) == 0x7b) {
      p = space(p + 1);
      // The closing bracket is two above the opening one, in both pairs.
      if (at(p) == c + 2) {
        p++;
      } else {
        if (depth == MAX_DEPTH) return -1;
        store<u8>(STACK + <usize>depth, <u8>close);
        depth++;
        close = c + 2;
        if (c == 0x7b) p = memberValue(p);
        if (p < 0) return p;
        continue;
      }
    } else {
      p = wordEnd(p, c);
    }
    if (p < 0) return p;
    while (true) {
      if (depth == 0) return p;
      p = space(p);
      c = at(p);
      p++;
      if (c == 0x2c) break;
      if (c != close) return -1;
      depth--;
      close = <i32>load<u8>(STACK + <usize>depth);
    }
    p = space(p);
    if (close == 0x7d) p = memberValue(p);
    if (p < 0) return p;
  }
}
