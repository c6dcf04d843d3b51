/**
 * Checks one JSON object whole, and notes where the wanted members of it, of its metadata and of its
 * annotations stand. What is invalid or only unusual (a wanted name that stands twice, an escaped
 * name beside wanted ones, deep nesting) it leaves to its host, which has another way to read.
 *
 * The first name of a level is that of the member whose members are the next level.
 */
import {
  FIRSTS,
  LAYOUT,
  LEVELS,
  NAMES,
  NAME_BYTES,
  NAME_LIMIT,
  PLACES,
  PLACE_BYTES,
  WINDOW,
} from './layout';
import { at, isPlain, space, stringEnd, valueEnd, valueStart } from './walker';

/** Numbers of `layout.ts`. */
export function layout(): i32 {
  return LAYOUT;
}

/** Where the host puts the text, in bytes from the start of memory. */
export function windowStart(): i32 {
  return <i32>WINDOW;
}

/** Where the host puts the wanted names. */
export function namesStart(): i32 {
  return <i32>NAMES;
}

/** Where the host puts which names belong to which level. */
export function firstsStart(): i32 {
  return <i32>FIRSTS;
}

/** Where the host reads the places of the values. */
export function placesStart(): i32 {
  return <i32>PLACES;
}

/** Where the static data ends; must not reach the window. */
export function staticEnd(): i32 {
  return <i32>__heap_base;
}

/** Takes the text of so many bytes; the byte behind it must be 0. Answers 1, or 0 when it cannot. */
export function locate(length: i32): i32 {
  for (let place: usize = 0; place < <usize>(NAME_LIMIT * PLACE_BYTES); place += 16) {
    v128.store(PLACES + place, i32x4.splat(-1));
  }
  const start = space(0);
  if (at(start) != 0x7b) return 0;
  const end = membersEnd(start, 0);
  return end >= 0 && space(end) == length ? 1 : 0;
}

/** From the opening brace of an object whose members are looked at to behind the closing one. */
function membersEnd(from: i32, level: i32): i32 {
  let p = space(from + 1);
  if (at(p) == 0x7d) return p + 1;
  while (true) {
    if (at(p) != 0x22) return -1;
    const key = p + 1;
    p = stringEnd(key);
    // Escaped, it may be any name.
    if (p < 0 || !isPlain) return -1;
    const name = nameOf(key, p - 1 - key, level);
    const start = valueStart(p);
    if (start < 0) return -1;
    const isEntered = name == firstOf(level) && level + 1 < LEVELS && at(start) == 0x7b;
    p = isEntered ? membersEnd(start, level + 1) : valueEnd(start);
    if (p < 0 || (name >= 0 && !note(name, start, p))) return -1;
    p = space(p);
    const next = at(p);
    if (next == 0x7d) return p + 1;
    if (next != 0x2c) return -1;
    p = space(p + 1);
  }
}

/** False for a name that stands twice. */
function note(name: i32, start: i32, end: i32): bool {
  const place = PLACES + <usize>(name * PLACE_BYTES);
  if (load<i32>(place) >= 0) return false;
  store<i32>(place, start);
  store<i32>(place + 4, end);
  store<i32>(place + 8, isPlain && at(start) == 0x22 ? 1 : 0);
  return true;
}

function firstOf(level: i32): i32 {
  return load<i32>(FIRSTS + <usize>(level << 2));
}

/** The number of the wanted name that stands here, or -1. */
function nameOf(from: i32, length: i32, level: i32): i32 {
  const end = firstOf(level + 1);
  for (let name = firstOf(level); name < end; name++) {
    const wanted = NAMES + <usize>(name * NAME_BYTES);
    if (load<u8>(wanted) == length && isAlike(wanted + 1, from, length)) return name;
  }
  return -1;
}

function isAlike(wanted: usize, from: i32, length: i32): bool {
  for (let i = 0; i < length; i++) {
    if (<i32>load<u8>(wanted + <usize>i) != at(from + i)) return false;
  }
  return true;
}
