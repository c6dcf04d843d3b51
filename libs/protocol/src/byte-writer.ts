/** A growing buffer that numbers, strings and bytes are appended to; the writing side of a batch. */

const initialBytes = 64 * 1024;
/** After a batch larger than this the buffer is given back, so that one giant does not stay. */
const keptBytes = 2 * 1024 * 1024;
/** Most bytes of a varint up to 2^53 - 1: ceil(53 / 7). */
const maxVarintBytes = 8;
/** Up to this length a string is written here: measured, the call into V8 costs more than it. */
const maxOwnChars = 96;

/** Appends to a buffer that it owns. */
export class ByteWriter {
  #buffer: Buffer;
  #length = 0;

  /** `capacityBytes` only saves growing. */
  constructor(capacityBytes = initialBytes) {
    this.#buffer = Buffer.allocUnsafeSlow(capacityBytes);
  }

  /** Bytes written since the last {@link take}. */
  get length(): number {
    return this.#length;
  }

  /** Leaves room for so many bytes, to be filled in by whoever drains. */
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

  /** Calls `use` with a view of everything written, good until it returns; then it is empty. */
  drain<T>(use: (written: Uint8Array) => T): T {
    const written = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    if (this.#buffer.length > keptBytes) this.#buffer = Buffer.allocUnsafeSlow(initialBytes);
    return use(written);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}
