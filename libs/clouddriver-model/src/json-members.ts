/* eslint-disable @typescript-eslint/no-non-null-assertion --
   reads behind the end give `undefined`, which no test below takes for anything that may stand there. */
/**
 * Where the members of one JSON object stand, with the whole text checked on the way (RFC 8259): so
 * that only those that somebody looks at have to become JavaScript values. Of a Pod that is a third.
 */
import { isUtf8 } from 'node:buffer';

/** A stretch of the text: from the first byte of a value to behind its last. */
export interface Stretch {
  /** Index of the first byte. */
  readonly start: number;
  /** Index behind the last byte. */
  readonly end: number;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;

/** Where reading ends that cannot go on. */
const invalid = -1;

/** What a byte is inside a string: 0 stands for itself, 1 needs a look. */
const stringClasses = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte > 0x7f || byte === quote || byte === backslash ? 1 : 0,
);

/** What may follow a backslash, but for `u`. */
const escapes = byteSet('"\\/bfnrt');
const hexDigits = byteSet('0123456789abcdefABCDEF');
const spaces = byteSet(' \t\r\n');
const digits = byteSet('0123456789');

/** Nesting grows by doubling; API servers let objects nest up to 10,000 deep. */
let nesting = new Uint8Array(256);

/**
 * The members of the JSON text `object`, by name; of a name that stands twice the last one, as
 * `JSON.parse` has it. `undefined` for bytes that are not one JSON object in UTF-8.
 */
export function membersOf(object: Uint8Array): ReadonlyMap<string, Stretch> | undefined {
  const bytes = bufferOver(object);
  const members = new Map<string, Stretch>();
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== openBrace) return undefined;
  at = afterSpace(bytes, at + 1);
  let isOpen = bytes[at] !== closeBrace;
  while (isOpen) {
    const keyEnd = bytes[at] === quote ? stringEnd(bytes, at) : invalid;
    if (keyEnd === invalid) return undefined;
    const name = nameIn(bytes, at + 1, keyEnd - 1);
    at = afterSpace(bytes, keyEnd);
    if (bytes[at] !== colon) return undefined;
    const start = afterSpace(bytes, at + 1);
    const end = valueEnd(bytes, start);
    if (end === invalid) return undefined;
    members.set(name, { start, end });
    at = afterSpace(bytes, end);
    isOpen = bytes[at] === comma;
    if (isOpen) at = afterSpace(bytes, at + 1);
  }
  if (bytes[at] !== closeBrace) return undefined;
  return afterSpace(bytes, at + 1) === bytes.length && isUtf8(bytes) ? members : undefined;
}

/** The value in a stretch of a text that {@link membersOf} has checked. */
export function valueIn(object: Uint8Array, { start, end }: Stretch): unknown {
  return JSON.parse(bufferOver(object).toString('utf8', start, end));
}

/** The same memory, with a buffer's ways to read text. */
function bufferOver(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function nameIn(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end);
  return text.includes('\\') ? (JSON.parse(`"${text}"`) as string) : text;
}

/** From the first byte of a value to behind its last; {@link invalid} if there is none. */
function valueEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  let depth = 0;
  for (;;) {
    const first = bytes[at]!;
    if (first === quote) at = stringEnd(bytes, at);
    else if (first === openBrace || first === openBracket) {
      const next = bytes[at + 1]! > 0x20 ? at + 1 : afterSpace(bytes, at + 1);
      // The closing bracket is two above the opening one, in both pairs.
      if (bytes[next] === first + 2) at = next + 1;
      else {
        if (depth === nesting.length) nesting = withRoom(nesting);
        nesting[depth++] = first;
        at = first === openBrace ? afterKey(bytes, next) : next;
        if (at === invalid) return invalid;
        continue;
      }
    } else at = wordEnd(bytes, at);
    if (at === invalid) return invalid;
    for (;;) {
      if (depth === 0) return at;
      const open = nesting[depth - 1]!;
      if (bytes[at]! <= 0x20) at = afterSpace(bytes, at);
      const next = bytes[at++];
      if (next === comma) {
        if (bytes[at]! <= 0x20) at = afterSpace(bytes, at);
        if (open === openBrace) at = afterKey(bytes, at);
        break;
      }
      if (next !== open + 2) return invalid;
      depth -= 1;
    }
    if (at === invalid) return invalid;
  }
}

/** From the quote before a key to the first byte of its value. */
function afterKey(bytes: Uint8Array, from: number): number {
  if (bytes[from] !== quote) return invalid;
  let at = stringEnd(bytes, from);
  if (at === invalid) return invalid;
  if (bytes[at] !== colon) {
    at = afterSpace(bytes, at);
    if (bytes[at] !== colon) return invalid;
  }
  at += 1;
  return bytes[at]! > 0x20 ? at : afterSpace(bytes, at);
}

function afterSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  // Nothing printed for programs has any.
  while (bytes[at]! <= 0x20 && spaces[bytes[at]!] === 1) at += 1;
  return at;
}

/** From the opening quote to behind the closing one. */
function stringEnd(bytes: Uint8Array, from: number): number {
  const lastFour = bytes.length - 3;
  let at = from + 1;
  for (;;) {
    // Four by one look: measured to be twice as fast as one by one.
    while (
      at < lastFour &&
      (stringClasses[bytes[at]!]! |
        stringClasses[bytes[at + 1]!]! |
        stringClasses[bytes[at + 2]!]! |
        stringClasses[bytes[at + 3]!]!) ===
        0
    ) {
      at += 4;
    }
    while (stringClasses[bytes[at]!] === 0) at += 1;
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) {
      at = escapeEnd(bytes, at);
      if (at === invalid) return invalid;
    } else if (byte === undefined || byte < 0x20) return invalid;
    // 0x7f may stand for itself, and bytes above it are looked at all together.
    else at += 1;
  }
}

function escapeEnd(bytes: Uint8Array, from: number): number {
  const byte = bytes[from + 1]!;
  if (escapes[byte] === 1) return from + 2;
  if (byte !== 0x75) return invalid;
  for (let at = from + 2; at < from + 6; at += 1) {
    if (hexDigits[bytes[at]!] !== 1) return invalid;
  }
  return from + 6;
}

const words = ['true', 'false', 'null'].map((word) => Uint8Array.from(Buffer.from(word)));

/** A number or a literal. */
function wordEnd(bytes: Uint8Array, from: number): number {
  const word = words.find(([first]) => first === bytes[from]);
  if (word === undefined) return numberEnd(bytes, from);
  return word.every((byte, at) => bytes[from + at] === byte) ? from + word.length : invalid;
}

function numberEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === 0x2d ? from + 1 : from;
  let at = digitsEnd(bytes, first);
  if (bytes[first] === 0x30 && at > first + 1) return invalid;
  if (at !== invalid && bytes[at] === 0x2e) at = digitsEnd(bytes, at + 1);
  if (at !== invalid && (bytes[at]! | 0x20) === 0x65) {
    const sign = bytes[at + 1];
    at = digitsEnd(bytes, sign === 0x2b || sign === 0x2d ? at + 2 : at + 1);
  }
  return at;
}

/** At least one digit. */
function digitsEnd(bytes: Uint8Array, from: number): number {
  let at = from;
  while (digits[bytes[at]!] === 1) at += 1;
  return at === from ? invalid : at;
}

function withRoom(full: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(full.length * 2);
  larger.set(full);
  return larger;
}

function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) set[byte] = 1;
  return set;
}
