/**
 * Skips an array or object by its outline, 64 bytes at a time: where strings and brackets are, and
 * nothing else. Twin of `src/outline.ts`; read that one for what is checked and what is not.
 */
import {
  BACKSLASHES,
  CLOSE_BRACES,
  MAX_DEPTH,
  OPEN_BRACES,
  QUOTES,
  SPACES,
  WINDOW,
} from './layout';
import { failAtEnd } from './json-walker';

/** The value is in doubt: walk it strictly. */
export const IN_DOUBT: i32 = -2;

/**
 * The bytes behind a backslash that is not itself escaped: every run of backslashes is added to the
 * bit where it starts, and what carries out of it tells runs of odd from runs of even length.
 */
function escapedBits(starting: u64, isFirstEscaped: u64): u64 {
  const following = (starting << 1) | isFirstEscaped;
  const carried = (starting & ODD_BITS & ~following) + starting;
  return (~ODD_BITS ^ (carried << 1)) & following;
}

/** Whether an escape reaches over the end of the block: 1 or 0. */
function escapesNext(starting: u64, isFirstEscaped: u64): u64 {
  const following = (starting << 1) | isFirstEscaped;
  const oddStarts = starting & ODD_BITS & ~following;
  return oddStarts + starting < starting ? 1 : 0;
}

const ODD_BITS: u64 = 0xaaaaaaaaaaaaaaaa;

function bits(a: v128, b: v128, c: v128, d: v128): u64 {
  const low = (<u32>i8x16.bitmask(a)) | ((<u32>i8x16.bitmask(b)) << 16);
  const high = (<u32>i8x16.bitmask(c)) | ((<u32>i8x16.bitmask(d)) << 16);
  return ((<u64>high) << 32) | (<u64>low);
}

/** Bit n tells whether the bits 0 to n hold an odd number of ones. */
function parities(x: u64): u64 {
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  x ^= x << 32;
  return x;
}

/** From an opening bracket to behind the one that closes it; -1 at the end of the text. */
export function outlineEnd(from: i32): i32 {
  const lowest = v128.load(SPACES);
  const backslash = v128.load(BACKSLASHES);
  const quote = v128.load(QUOTES);
  const open = v128.load(OPEN_BRACES);
  const close = v128.load(CLOSE_BRACES);
  let p = from + 1;
  let depth = 1;
  let inString: u64 = 0;
  // Whether the byte before the block escapes its first byte: 1 or 0.
  let isFirstEscaped: u64 = 0;
  while (true) {
    const at = <usize>p;
    const a = v128.load(at, WINDOW);
    const b = v128.load(at, WINDOW + 16);
    const c = v128.load(at, WINDOW + 32);
    const d = v128.load(at, WINDOW + 48);
    // Control characters, and what is not ASCII: in doubt wherever they stand.
    const least = i8x16.min_s(i8x16.min_s(a, b), i8x16.min_s(c, d));
    let quotes = bits(
      i8x16.eq(a, quote),
      i8x16.eq(b, quote),
      i8x16.eq(c, quote),
      i8x16.eq(d, quote),
    );
    let backslashes: u64 = 0;
    const special = v128.or(
      v128.or(
        v128.or(i8x16.eq(a, backslash), i8x16.eq(b, backslash)),
        v128.or(i8x16.eq(c, backslash), i8x16.eq(d, backslash)),
      ),
      i8x16.lt_s(least, lowest),
    );
    const isSpecial = v128.any_true(special) || isFirstEscaped != 0;
    if (isSpecial) {
      backslashes = bits(
        i8x16.eq(a, backslash),
        i8x16.eq(b, backslash),
        i8x16.eq(c, backslash),
        i8x16.eq(d, backslash),
      );
      const starting = backslashes & ~isFirstEscaped;
      quotes &= ~escapedBits(starting, isFirstEscaped);
      isFirstEscaped = escapesNext(starting, isFirstEscaped);
    }
    const lowerA = v128.or(a, lowest);
    const lowerB = v128.or(b, lowest);
    const lowerC = v128.or(c, lowest);
    const lowerD = v128.or(d, lowest);
    const strings = parities(quotes) ^ inString;
    const opens =
      bits(
        i8x16.eq(lowerA, open),
        i8x16.eq(lowerB, open),
        i8x16.eq(lowerC, open),
        i8x16.eq(lowerD, open),
      ) & ~strings;
    const closes =
      bits(
        i8x16.eq(lowerA, close),
        i8x16.eq(lowerB, close),
        i8x16.eq(lowerC, close),
        i8x16.eq(lowerD, close),
      ) & ~strings;
    const opened = <i32>popcnt(opens);
    const closed = <i32>popcnt(closes);
    let odd: u64 = 0;
    if (isSpecial) {
      odd =
        bits(
          i8x16.lt_s(a, lowest),
          i8x16.lt_s(b, lowest),
          i8x16.lt_s(c, lowest),
          i8x16.lt_s(d, lowest),
        ) |
        (backslashes & ~strings);
    }
    if (odd != 0 || closed >= depth || depth + opened > MAX_DEPTH) {
      // Nothing behind the first odd byte counts.
      const clear = odd == 0 ? <u64>-1 : (odd & -odd) - 1;
      const end = endInBlock(opens & clear, closes & clear, depth);
      if (depth + opened > MAX_DEPTH) {
        const before = end == 0 || end == 64 ? clear : clear & (((<u64>1) << end) - 1);
        if (isTooDeep(opens & before, closes & before, depth)) return IN_DOUBT;
      }
      if (end > 0) return p + end;
      if (odd != 0) return failAtEnd(p + <i32>ctz(odd)) ? -1 : IN_DOUBT;
    }
    depth += opened - closed;
    inString = <u64>((<i64>strings) >> 63);
    p += 64;
  }
}

/** Number of bytes up to the bracket that closes the value; 0 when it is not here. */
function endInBlock(opens: u64, closes: u64, depth: i32): i32 {
  let rest = closes;
  for (let closed = 1; rest != 0; closed++) {
    const lowest = rest & -rest;
    if (depth + <i32>popcnt(opens & (lowest - 1)) == closed) return <i32>ctz(lowest) + 1;
    rest ^= lowest;
  }
  return 0;
}

/** Whether an opening bracket stands too deep before the value ends. */
function isTooDeep(opens: u64, closes: u64, depth: i32): bool {
  let rest = opens;
  for (let opened = 1; rest != 0; opened++) {
    const lowest = rest & -rest;
    if (depth + opened - <i32>popcnt(closes & (lowest - 1)) > MAX_DEPTH) return true;
    rest ^= lowest;
  }
  return false;
}
