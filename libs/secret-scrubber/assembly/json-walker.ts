/**
 * Strict steps over JSON text: each function takes the position where a thing starts and returns
 * the position behind it, or -1 after `fail`. The zero byte behind the text ends every loop, so no
 * length is checked on the way. Twin of `src/json-walker.ts`; read that one for the reasons.
 */
import {
  BACKSLASHES,
  INCOMPLETE,
  INVALID_UTF8,
  LINE_OUTLINE,
  MALFORMED,
  MAX_DEPTH,
  QUOTES,
  SPACES,
  STACK,
  TOO_DEEP,
  WINDOW,
} from './layout';

let limit: i32 = 0;
let faultCode: i32 = 0;
let faultPosition: i32 = 0;
let plainString: i32 = 1;
/** A line feed is no white space. */
let isOneLine: bool = false;

export function begin(end: i32, checking: i32): void {
  limit = end;
  isOneLine = checking == LINE_OUTLINE;
}

export function fault(): i32 {
  return faultCode;
}

export function faultAt(): i32 {
  return faultPosition;
}

/** 1 when the string last walked was ASCII without escapes. */
export function plain(): i32 {
  return plainString;
}

export function at(p: i32): i32 {
  return <i32>load<u8>(<usize>p, WINDOW);
}

export function fail(p: i32, code: i32): i32 {
  faultCode = p >= limit ? INCOMPLETE : code;
  faultPosition = p;
  return -1;
}

/** Notes that the text stops at `p`; 0 when it does not. */
export function failAtEnd(p: i32): i32 {
  if (p < limit) return 0;
  fail(p, INCOMPLETE);
  return 1;
}

export function space(p: i32): i32 {
  return at(p) > 0x20 ? p : longSpace(p);
}

function longSpace(p: i32): i32 {
  while (true) {
    const c = at(p);
    if (c == 0x0a ? isOneLine : c != 0x20 && c != 0x0d && c != 0x09) return p;
    p++;
  }
}

/** From behind the opening quote to behind the closing one. */
export function stringEnd(from: i32): i32 {
  const v = v128.load(<usize>from, WINDOW);
  const m = stops(v);
  if (m != 0) {
    const p = from + ctz(m);
    if (at(p) == 0x22) {
      plainString = 1;
      return p + 1;
    }
  }
  return longString(from);
}

/** Bits of the bytes that end the fast walk: quote, backslash, control, not ASCII. */
function stops(v: v128): i32 {
  return i8x16.bitmask(
    v128.or(
      v128.or(i8x16.eq(v, v128.load(QUOTES)), i8x16.eq(v, v128.load(BACKSLASHES))),
      i8x16.lt_s(v, v128.load(SPACES)),
    ),
  );
}

function longString(from: i32): i32 {
  let p = from;
  let isPlain = 1;
  while (true) {
    const m = stops(v128.load(<usize>p, WINDOW));
    if (m == 0) {
      p += 16;
      continue;
    }
    p += ctz(m);
    if (at(p) == 0x22) {
      plainString = isPlain;
      return p + 1;
    }
    isPlain = 0;
    p = oddByteEnd(p);
    if (p < 0) return p;
  }
}

function oddByteEnd(p: i32): i32 {
  const c = at(p);
  if (c == 0x5c) return escapeEnd(p);
  return c < 0x20 ? fail(p, MALFORMED) : sequenceEnd(p, c);
}

function escapeEnd(p: i32): i32 {
  const c = at(p + 1);
  if (c == 0x75) {
    for (let i = 2; i < 6; i++) if (hexDigit(at(p + i)) < 0) return fail(p + i, MALFORMED);
    return p + 6;
  }
  const known =
    c == 0x22 ||
    c == 0x5c ||
    c == 0x2f ||
    c == 0x62 ||
    c == 0x66 ||
    c == 0x6e ||
    c == 0x72 ||
    c == 0x74;
  return known ? p + 2 : fail(p + 1, MALFORMED);
}

export function hexDigit(c: i32): i32 {
  if (c >= 0x30 && c <= 0x39) return c - 0x30;
  const lower = c | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function sequenceEnd(p: i32, lead: i32): i32 {
  if (lead < 0xc2 || lead > 0xf4) return fail(p, INVALID_UTF8);
  const low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  const second = at(p + 1);
  if (second < low || second > high) return fail(p + 1, INVALID_UTF8);
  const count = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let i = 2; i < count; i++) {
    if ((at(p + i) & 0xc0) != 0x80) return fail(p + i, INVALID_UTF8);
  }
  return p + count;
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

function digitsEnd(p: i32): i32 {
  if (!isDigit(at(p))) return fail(p, MALFORMED);
  while (isDigit(at(p))) p++;
  return p;
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

/** `true`, `false`, `null`, given as little-endian text behind its first letter. */
function wordEnd(p: i32, rest: u32, length: i32): i32 {
  for (let i = 1; i < length; i++) {
    if (at(p + i) != <i32>(rest & 0xff)) return fail(p + i, MALFORMED);
    rest >>= 8;
  }
  return p + length;
}

export function scalarEnd(p: i32, c: i32): i32 {
  if (c == 0x74) return wordEnd(p, 0x657572, 4);
  if (c == 0x66) return wordEnd(p, 0x65736c61, 5);
  if (c == 0x6e) return wordEnd(p, 0x6c6c75, 4);
  if (c == 0x2d || isDigit(c)) return numberEnd(p);
  return fail(p, MALFORMED);
}

/** From the opening quote of a key to behind its closing quote. */
export function keyEnd(p: i32): i32 {
  return at(p) == 0x22 ? stringEnd(p + 1) : fail(p, MALFORMED);
}

/** From behind a key to the first byte of its value. */
export function valueStart(from: i32): i32 {
  const p = space(from);
  return at(p) == 0x3a ? space(p + 1) : fail(p, MALFORMED);
}

/** Any value, however deep, without recursion. */
export function skipValue(from: i32): i32 {
  let p = from;
  let depth = 0;
  let isObject = false;
  while (true) {
    const c = at(p);
    if (c == 0x22) {
      p = stringEnd(p + 1);
    } else if (c == 0x7b || c == 0x5b) {
      p = space(p + 1);
      if (at(p) == c + 2) {
        p++;
      } else {
        if (depth == MAX_DEPTH) return fail(p, TOO_DEEP);
        store<u8>(STACK + <usize>depth, <u8>isObject);
        depth++;
        isObject = c == 0x7b;
        if (isObject) p = memberValue(p);
        if (p < 0) return p;
        continue;
      }
    } else {
      p = scalarEnd(p, c);
    }
    if (p < 0) return p;
    while (true) {
      if (depth == 0) return p;
      p = space(p);
      const next = at(p);
      if (next == 0x2c) break;
      if (next != (isObject ? 0x7d : 0x5d)) return fail(p, MALFORMED);
      p++;
      depth--;
      isObject = <bool>load<u8>(STACK + <usize>depth);
    }
    p = space(p + 1);
    if (isObject) p = memberValue(p);
    if (p < 0) return p;
  }
}

/** From the opening quote of a key to the first byte of its value. */
function memberValue(from: i32): i32 {
  const p = keyEnd(from);
  return p < 0 ? p : valueStart(p);
}
