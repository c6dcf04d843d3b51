/**
 * The WebAssembly kernel: walks one Kubernetes object, notes where its identity stands and which
 * members would have to go. Twin of `src/typescript-kernel.ts`; read that one for the reasons.
 */
import {
  API_VERSION,
  ANNOTATIONS,
  BAD_IDENTITY,
  COMPLETE,
  DATA,
  DUPLICATE_KEY,
  END,
  FIELDS,
  FIELD_COUNT,
  KIND,
  LAST_APPLIED,
  MALFORMED,
  MANAGED_FIELDS,
  METADATA,
  NAME,
  NAMESPACE,
  OTHER,
  PLAIN,
  RESOURCE_VERSION,
  SCRATCH,
  SCRATCH_BYTES,
  STRICT,
  STRING_DATA,
  UID,
  VALUES,
  WINDOW,
} from './layout';
import {
  at,
  begin,
  fail,
  fault,
  faultAt,
  hexDigit,
  keyEnd,
  plain,
  skipValue,
  space,
  stringEnd,
  valueStart,
} from './json-walker';
import { IN_DOUBT, outlineEnd } from './outline';

const ROOT: i32 = 0;
const IN_METADATA: i32 = 1;
const IN_ANNOTATIONS: i32 = 2;

const lastAppliedKey = memory.data<u8>([
  107, 117, 98, 101, 99, 116, 108, 46, 107, 117, 98, 101, 114, 110, 101, 116, 101, 115, 46, 105,
  111, 47, 108, 97, 115, 116, 45, 97, 112, 112, 108, 105, 101, 100, 45, 99, 111, 110, 102, 105, 103,
  117, 114, 97, 116, 105, 111, 110,
]);
const LAST_APPLIED_LENGTH: i32 = 48;

/** Where the host puts the bytes, in bytes from the start of memory. */
export function windowStart(): i32 {
  return <i32>WINDOW;
}

/** Where the static data ends, in bytes from the start of memory; must not reach the window. */
export function staticEnd(): i32 {
  return <i32>__heap_base;
}

/** Where the host reads the result slots, in bytes from the start of memory. */
export function fieldsStart(): i32 {
  return <i32>FIELDS;
}

/** Walks the object at `start`; the byte at `end` must be 0. Returns a status. */
export function scanObject(start: i32, end: i32, checking: i32): i32 {
  begin(end, checking);
  byOutline = checking != STRICT;
  for (let at: usize = 0; at < <usize>FIELD_COUNT * 4; at += 16) {
    v128.store(FIELDS + at, i32x4.splat(-1));
  }
  put(PLAIN, 0);
  put(VALUES, 0);
  const p = at(start) == 0x7b ? members(ROOT, start) : fail(start, MALFORMED);
  put(END, p < 0 ? faultAt() : p);
  return p < 0 ? fault() : COMPLETE;
}

/** Only the outline of nested values that are in no doubt is checked. */
let byOutline: bool = false;

/** As `skipValue`, or by the outline. */
function valueEnd(p: i32): i32 {
  const c = at(p);
  if (byOutline && (c == 0x7b || c == 0x5b)) {
    const end = outlineEnd(p);
    if (end != IN_DOUBT) return end;
  }
  return skipValue(p);
}

function put(slot: i32, value: i32): void {
  store<i32>(FIELDS + ((<usize>slot) << 2), value);
}

export function get(slot: i32): i32 {
  return load<i32>(FIELDS + ((<usize>slot) << 2));
}

function members(level: i32, start: i32): i32 {
  let mark = start + 1;
  let hasKept = false;
  let p = space(mark);
  if (at(p) == 0x7d) return p + 1;
  while (true) {
    const key = p + 1;
    p = keyEnd(p);
    if (p < 0) return p;
    const id = keyId(level, key, p - 1);
    p = valueStart(p);
    if (p < 0) return p;
    if (id == OTHER) {
      p = valueEnd(p);
    } else if (get(id) != -1) {
      return fail(key, DUPLICATE_KEY);
    } else {
      p = memberEnd(id, p);
    }
    if (p < 0) return p;
    const isCut = id >= MANAGED_FIELDS && id <= STRING_DATA;
    if (isCut) {
      put(id, mark);
      put(id + 1, p);
    } else {
      hasKept = true;
    }
    mark = p;
    p = space(p);
    const c = at(p);
    if (c == 0x7d) return p + 1;
    if (c != 0x2c) return fail(p, MALFORMED);
    p++;
    if (isCut && !hasKept) {
      put(id + 1, p);
      mark = p;
    }
    p = space(p);
  }
}

function memberEnd(id: i32, p: i32): i32 {
  if (id <= RESOURCE_VERSION) return identityEnd(id, p);
  if (id == ANNOTATIONS || id == METADATA) return nestedEnd(id, p);
  return !byOutline && (id == DATA || id == STRING_DATA) ? countedEnd(p) : valueEnd(p);
}

function identityEnd(id: i32, p: i32): i32 {
  if (at(p) != 0x22) return fail(p, BAD_IDENTITY);
  const end = stringEnd(p + 1);
  if (end < 0) return end;
  put(id, p + 1);
  put(id + 1, end - 1);
  if (plain()) put(PLAIN, get(PLAIN) | (1 << id));
  return end;
}

function nestedEnd(id: i32, p: i32): i32 {
  put(id, p);
  let end: i32;
  const isObject = at(p) == 0x7b;
  if (isObject && id == METADATA) end = members(IN_METADATA, p);
  else if (isObject && byOutline) end = valueEnd(p);
  else if (isObject) end = members(IN_ANNOTATIONS, p);
  else if (id == ANNOTATIONS && at(p) == 0x6e) end = skipValue(p);
  else end = fail(p, BAD_IDENTITY);
  if (end >= 0) put(id + 1, end);
  return end;
}

function countedEnd(from: i32): i32 {
  if (at(from) != 0x7b) {
    const end = skipValue(from);
    if (end >= 0 && at(from) != 0x6e) put(VALUES, get(VALUES) + 1);
    return end;
  }
  let p = space(from + 1);
  if (at(p) == 0x7d) return p + 1;
  while (true) {
    p = keyEnd(p);
    if (p < 0) return p;
    p = valueStart(p);
    if (p < 0) return p;
    p = skipValue(p);
    if (p < 0) return p;
    put(VALUES, get(VALUES) + 1);
    p = space(p);
    const c = at(p);
    if (c == 0x7d) return p + 1;
    if (c != 0x2c) return fail(p, MALFORMED);
    p = space(p + 1);
  }
}

function keyId(level: i32, start: i32, end: i32): i32 {
  if (plain()) return idOf(level, WINDOW + <usize>start, end - start);
  const length = unescapeKey(start, end);
  return length < 0 ? OTHER : idOf(level, SCRATCH, length);
}

function idOf(level: i32, key: usize, length: i32): i32 {
  if (level == ROOT) return rootId(key, length);
  return level == IN_METADATA ? metadataId(key, length) : annotationId(key, length);
}

/** Names of 8 to 16 bytes are compared by their first and their last eight. */
function isName(key: usize, length: i32, head: u64, tail: u64): bool {
  return load<u64>(key) == head && load<u64>(key + <usize>length - 8) == tail;
}

function rootId(key: usize, length: i32): i32 {
  if (length == 4) {
    const word = load<u32>(key);
    if (word == 0x646e696b) return KIND;
    return (word | 0x20202020) == 0x61746164 ? DATA : OTHER;
  }
  if (length == 8) return load<u64>(key) == 0x617461646174656d ? METADATA : OTHER;
  if (length != 10) return OTHER;
  if (isName(key, length, 0x6973726556697061, 0x6e6f697372655669)) return API_VERSION;
  const head = load<u64>(key) | 0x2020202020202020;
  const tail = load<u64>(key, 2) | 0x2020202020202020;
  return head == 0x6164676e69727473 && tail == 0x61746164676e6972 ? STRING_DATA : OTHER;
}

function metadataId(key: usize, length: i32): i32 {
  switch (length) {
    case 3:
      return load<u16>(key) == 0x6975 && load<u8>(key, 2) == 0x64 ? UID : OTHER;
    case 4:
      return load<u32>(key) == 0x656d616e ? NAME : OTHER;
    case 9:
      return isName(key, length, 0x63617073656d616e, 0x6563617073656d61) ? NAMESPACE : OTHER;
    case 11:
      return isName(key, length, 0x697461746f6e6e61, 0x736e6f697461746f) ? ANNOTATIONS : OTHER;
    case 13:
      return isName(key, length, 0x46646567616e616d, 0x73646c6569466465) ? MANAGED_FIELDS : OTHER;
    case 15:
      return isName(key, length, 0x656372756f736572, 0x6e6f697372655665) ? RESOURCE_VERSION : OTHER;
    default:
      return OTHER;
  }
}

function annotationId(key: usize, length: i32): i32 {
  return length == LAST_APPLIED_LENGTH &&
    memory.compare(key, lastAppliedKey, <usize>LAST_APPLIED_LENGTH) == 0
    ? LAST_APPLIED
    : OTHER;
}

/** Overwrites what keys were written out. */
export function wipeScratch(): void {
  memory.fill(SCRATCH, 0, SCRATCH_BYTES);
}

/** Writes an escaped key out; -1 when it cannot be any of the names looked for. */
function unescapeKey(start: i32, end: i32): i32 {
  let length = 0;
  let p = start;
  while (p < end) {
    if (length == SCRATCH_BYTES) return -1;
    let c = at(p);
    if (c >= 0x80) return -1;
    if (c == 0x5c) {
      c = escapedCode(p);
      if (c < 0) return -1;
      p += at(p + 1) == 0x75 ? 6 : 2;
    } else {
      p++;
    }
    store<u8>(SCRATCH + <usize>length, <u8>c);
    length++;
  }
  return length;
}

/** The ASCII code that a checked escape stands for; -1 for control and non-ASCII ones. */
function escapedCode(p: i32): i32 {
  const c = at(p + 1);
  if (c == 0x22 || c == 0x5c || c == 0x2f) return c;
  if (c != 0x75 || at(p + 2) != 0x30 || at(p + 3) != 0x30) return -1;
  const high = hexDigit(at(p + 4));
  return high < 2 || high > 7 ? -1 : (high << 4) | hexDigit(at(p + 5));
}
