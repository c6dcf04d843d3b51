/** A growing buffer that numbers, strings and bytes are appended to; the writing side of a batch. */
import type { BufferPool } from './buffer-pool.ts';

const nothing = Buffer.alloc(0);
/** Most bytes of a varint up to 2^53 - 1: ceil(53 / 7). */
const maxVarintBytes = 8;
/** Up to this length a string is written here: measured, the call into V8 costs more than it. */
const maxOwnChars = 96;

/** The bytes of a whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
export function varintOf(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
}

/** Appends to a buffer of a pool; while it is empty it has none. */
export class ByteWriter {
  readonly #buffers: BufferPool;
  #buffer: Buffer = nothing;
  #length = 0;

  constructor(buffers: BufferPool) {
    this.#buffers = buffers;
  }

  /** Bytes written since the last {@link clear}. */
  get length(): number {
    return this.#length;
  }

  /** Leaves room for so many bytes, to be filled in later. */
  skip(bytes: number): void {
    this.#reserve(bytes);
    this.#length += bytes;
  }

  /** Appends one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** Appends a whole number from 0 to 2^53 - 1, seven bits a byte, lowest first. */
  varint(value: number): void {
    this.#reserve(maxVarintBytes);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** Appends a whole number of either sign: 0, -1, 1, -2, ... become 0, 1, 2, 3, ... */
  zigzag(value: number): void {
    this.varint(value >= 0 ? value * 2 : -value * 2 - 1);
  }

  /** Appends length and bytes of a string in UTF-8. */
  string(value: string): void {
    if (value.length <= maxOwnChars && this.#ascii(value)) return;
    const bytes = Buffer.byteLength(value, 'utf8');
    this.varint(bytes);
    this.#reserve(bytes);
    this.#length += this.#buffer.write(value, this.#length, 'utf8');
  }

  /** Appends a short string if it is ASCII, as names are: its length is one byte, and known. */
  #ascii(value: string): boolean {
    this.#reserve(1 + value.length);
    const buffer = this.#buffer;
    let at = this.#length;
    buffer[at++] = value.length;
    for (let index = 0; index < value.length; index += 1) {
      const code = value.charCodeAt(index);
      if (code >= 0x80) return false;
      buffer[at++] = code;
    }
    this.#length = at;
    return true;
  }

  /** Appends length and content. */
  bytes(value: Uint8Array): void {
    this.varint(value.byteLength);
    this.#reserve(value.byteLength);
    this.#buffer.set(value, this.#length);
    this.#length += value.byteLength;
  }

  /** Appends length and content of a stretch of a buffer. */
  stretch(source: Buffer, start: number, end: number): void {
    const bytes = end - start;
    this.varint(bytes);
    this.#reserve(bytes);
    if (bytes <= maxOwnChars) {
      const buffer = this.#buffer;
      let at = this.#length;
      for (let from = start; from < end; from += 1) buffer[at++] = source[from] ?? 0;
    } else {
      source.copy(this.#buffer, this.#length, start, end);
    }
    this.#length += bytes;
  }

  /** Everything written: a view, good until more is written or all is cleared. */
  written(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Forgets what was written; the buffer goes back to the pool. */
  clear(): void {
    this.#buffers.give(this.#buffer);
    this.#buffer = nothing;
    this.#length = 0;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed > this.#buffer.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = this.#buffers.take(Math.max(needed, 2 * this.#buffer.length));
    grown.set(this.written());
    this.#buffers.give(this.#buffer);
    this.#buffer = grown;
  }
}
