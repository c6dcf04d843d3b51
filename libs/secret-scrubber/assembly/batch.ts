/**
 * Takes object after object of a feed without secrets: scans, copies out what leaves, notes a row
 * each. Twin of `src/object-batch.ts`; read that one for when a batch stops.
 */
import {
  ANNOTATIONS,
  API_VERSION,
  BATCH,
  COMPLETE,
  END,
  KIND,
  LAYOUT,
  LINE_OUTLINE,
  MANAGED_FIELDS,
  NAME,
  NAMESPACE,
  OUTLINE,
  OUT,
  OUT_BYTES,
  PLAIN,
  RESOURCE_VERSION,
  ROWS,
  ROW_ANNOTATIONS,
  ROW_BYTES,
  ROW_CHANGE,
  ROW_LIMIT,
  ROW_NAME,
  ROW_NAMESPACE,
  ROW_OBJECT,
  ROW_PLAIN,
  ROW_RESOURCE_VERSION,
  ROW_SCRUBBED_VALUES,
  ROW_UID,
  TYPE,
  UID,
  WINDOW,
} from './layout';
import { at } from './json-walker';
import { get, scanObject } from './scanner';

let kindBytes: i32 = 0;
let apiVersionBytes: i32 = 0;
let headBytes: i32 = 0;
let cutsManagedFields: bool = true;
let objectLimit: i32 = 0;
let rowCount: i32 = 0;
let outBytes: i32 = 0;
let isOutFull: bool = false;

/** Where the host writes the type of the feed: kind, API version, head; one behind the other. */
export function typeStart(): i32 {
  return <i32>TYPE;
}

/** Lengths of what the host has written there, and what it wants of the next batches. */
export function setFeed(
  kind: i32,
  apiVersion: i32,
  head: i32,
  cuts: i32,
  largestObject: i32,
): void {
  kindBytes = kind;
  apiVersionBytes = apiVersion;
  headBytes = head;
  cutsManagedFields = cuts != 0;
  objectLimit = largestObject;
}

/** Which layout the host must know. */
export function layout(): i32 {
  return LAYOUT;
}

export function batchStart(): i32 {
  return <i32>BATCH;
}

export function rowsStart(): i32 {
  return <i32>ROWS;
}

export function outStart(): i32 {
  return <i32>OUT;
}

/** Watch lines from `from` on; the byte at `end` must be 0. */
export function takeLines(from: i32, end: i32): void {
  rowCount = 0;
  outBytes = 0;
  isOutFull = false;
  let p = from;
  while (rowCount < ROW_LIMIT) {
    const change = changeAt(p);
    if (change == 0) break;
    const start = p + (change == MODIFIED ? 28 : change == DELETED ? 27 : 25);
    if (scanObject(start, end, LINE_OUTLINE) != COMPLETE) break;
    const behind = get(END);
    if (at(behind) != 0x7d || at(behind + 1) != 0x0a) break;
    if (!take(start, behind, change)) break;
    p = behind + 2;
  }
  report(p, isFull(), 0);
}

/** Items of a list from `from` on, with single commas between; the byte at `end` must be 0. */
export function takeItems(from: i32, end: i32): void {
  rowCount = 0;
  outBytes = 0;
  isOutFull = false;
  let p = from;
  while (rowCount < ROW_LIMIT) {
    if (scanObject(p, end, OUTLINE) != COMPLETE) break;
    const behind = get(END);
    if (!take(p, behind, 0)) break;
    const hasNext = at(behind) == 0x2c && at(behind + 1) == 0x7b;
    if (!hasNext) return report(behind, 0, 0);
    p = behind + 1;
  }
  report(p, isFull(), 1);
}

const ADDED: i32 = 1;
const MODIFIED: i32 = 2;
const DELETED: i32 = 3;

/** The event type of `{"type":"ADDED","object":{` and its like; 0 for anything else. */
function changeAt(p: i32): i32 {
  const line = <usize>p + WINDOW;
  // `{"type":` and then `"ADDED",`, `"MODIFIE`, `"DELETED`.
  if (load<u64>(line) != 0x3a2265707974227b) return 0;
  const type = load<u64>(line, 8);
  if (type == 0x2c22444544444122) return isObject(line + 16, 0) ? ADDED : 0;
  if (type == 0x45494649444f4d22) return isObject(line + 16, 3) ? MODIFIED : 0;
  return type == 0x444554454c454422 && isObject(line + 16, 2) ? DELETED : 0;
}

/** The rest of the type, `D",` or `",` or nothing, and then `"object":{`. */
function isObject(rest: usize, typeRest: i32): bool {
  if (typeRest == 3 && (load<u32>(rest) & 0xffffff) != 0x2c2244) return false;
  if (typeRest == 2 && load<u16>(rest) != 0x2c22) return false;
  const key = rest + <usize>typeRest;
  return load<u64>(key) == 0x227463656a626f22 && load<u16>(key, 8) == 0x7b3a;
}

function isFull(): i32 {
  return isOutFull || rowCount == ROW_LIMIT ? 1 : 0;
}

function report(next: i32, full: i32, isBeforeItem: i32): void {
  store<i32>(BATCH, rowCount);
  store<i32>(BATCH, next, 4);
  store<i32>(BATCH, outBytes, 8);
  store<i32>(BATCH, full, 12);
  store<i32>(BATCH, isBeforeItem, 16);
}

/** Copies the object out; false when that is not for a batch to do. */
function take(start: i32, end: i32, change: i32): bool {
  if (end - start > objectLimit || get(NAME + 1) <= get(NAME)) return false;
  const added = headOf();
  if (added < 0) return false;
  const hasCut = cutsManagedFields && get(MANAGED_FIELDS) >= 0;
  const cutStart = hasCut ? get(MANAGED_FIELDS) : end;
  const cutEnd = hasCut ? get(MANAGED_FIELDS + 1) : end;
  const size = added + end - start - (cutEnd - cutStart);
  if (outBytes + size > OUT_BYTES) {
    isOutFull = rowCount > 0;
    return false;
  }
  const out = OUT + <usize>outBytes;
  store<u8>(out, 0x7b);
  if (added > 0) memory.copy(out + 1, TYPE + <usize>(kindBytes + apiVersionBytes), <usize>added);
  const from = WINDOW + <usize>start + 1;
  const before = <usize>(cutStart - start - 1);
  const kept = out + 1 + <usize>added;
  memory.copy(kept, from, before);
  if (hasCut) memory.copy(kept + before, WINDOW + <usize>cutEnd, <usize>(end - cutEnd));
  note(outBytes + added - start, cutStart, cutEnd - cutStart);
  const row = ROWS + <usize>rowCount * ROW_BYTES;
  store<i32>(row, outBytes, ROW_OBJECT << 2);
  store<i32>(row, outBytes + size, (ROW_OBJECT + 1) << 2);
  store<i32>(row, get(PLAIN), ROW_PLAIN << 2);
  store<i32>(row, change, ROW_CHANGE << 2);
  store<i32>(row, 0, ROW_SCRUBBED_VALUES << 2);
  outBytes += size;
  rowCount++;
  return true;
}

/** Length of the head that the object lacks; -1 when it is not of the feed's type. */
function headOf(): i32 {
  const kind = get(KIND);
  const apiVersion = get(API_VERSION);
  if (kind < 0 && apiVersion < 0) return headBytes;
  if (kind < 0 || apiVersion < 0) return -1;
  const isOurs =
    isText(kind, get(KIND + 1), TYPE, kindBytes) &&
    isText(apiVersion, get(API_VERSION + 1), TYPE + <usize>kindBytes, apiVersionBytes);
  return isOurs ? 0 : -1;
}

function isText(start: i32, end: i32, text: usize, length: i32): bool {
  if (end - start != length) return false;
  for (let i: usize = 0; i < <usize>length; i++) {
    if (load<u8>(<usize>start + i, WINDOW) != load<u8>(text + i)) return false;
  }
  return true;
}

/** Writes the spans of the row as positions of what leaves. */
function note(shift: i32, cutStart: i32, cutBytes: i32): void {
  noteSpan(NAME, ROW_NAME, shift, cutStart, cutBytes);
  noteSpan(NAMESPACE, ROW_NAMESPACE, shift, cutStart, cutBytes);
  noteSpan(UID, ROW_UID, shift, cutStart, cutBytes);
  noteSpan(RESOURCE_VERSION, ROW_RESOURCE_VERSION, shift, cutStart, cutBytes);
  noteSpan(ANNOTATIONS, ROW_ANNOTATIONS, shift, cutStart, cutBytes);
}

function noteSpan(slot: i32, place: i32, shift: i32, cutStart: i32, cutBytes: i32): void {
  const row = ROWS + <usize>rowCount * ROW_BYTES + ((<usize>place) << 2);
  const start = get(slot);
  if (start < 0) {
    store<i64>(row, -1);
    return;
  }
  const moved = start >= cutStart ? shift - cutBytes : shift;
  store<i32>(row, start + moved);
  store<i32>(row, get(slot + 1) + moved, 4);
}
