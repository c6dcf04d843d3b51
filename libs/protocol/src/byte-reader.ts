/**
 * Reads numbers, strings and bytes from a buffer that nobody vouches for; the reading side of a
 * batch. Every length is checked against what is there before anything is taken or allocated.
 */
import { isUtf8 } from 'node:buffer';
import { ProtocolError } from './protocol-error.ts';

/** Above this, multiplying by 0x80 once more could leave the whole numbers of a double. */
const maxVarint = Number.MAX_SAFE_INTEGER;

/** Reads from the front of `source`; each method throws {@link ProtocolError}. */
export class ByteReader {
  readonly #source: Buffer;
  #at = 0;

  constructor(source: Uint8Array) {
    this.#source = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#source.length - this.#at;
  }

  /** One byte. */
  byte(): number {
    const value = this.#source[this.#at];
    if (value === undefined) throw new ProtocolError('truncated', 'bytes end before a number');
    this.#at += 1;
    return value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(): number {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (value > maxVarint || scale > maxVarint) {
        throw new ProtocolError('badVarint', 'a number is longer than 53 bits');
      }
      if (byte < 0x80) return value;
    }
  }

  /** A whole number of either sign. */
  zigzag(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** A string of at most `maxBytes` bytes of UTF-8. */
  string(maxBytes: number): string {
    const length = this.varint();
    if (length === 0) return '';
    if (length > maxBytes) {
      throw new ProtocolError('badString', `a string has ${length} bytes, ${maxBytes} are allowed`);
    }
    if (this.#isAscii(length)) {
      this.#at += length;
      return this.#source.toString('latin1', this.#at - length, this.#at);
    }
    const bytes = this.#take(length);
    if (!isUtf8(bytes)) throw new ProtocolError('badString', 'a string is not valid UTF-8');
    return bytes.toString('utf8');
  }

  /** Whether the next bytes are there and are ASCII, as names are: those need no view of their own. */
  #isAscii(length: number): boolean {
    const source = this.#source;
    const end = this.#at + length;
    if (end > source.length) return false;
    for (let at = this.#at; at < end; at += 1) if ((source[at] ?? 0x80) > 0x7f) return false;
    return true;
  }

  /** A view of at most `maxBytes` bytes; it keeps the whole source in memory. */
  bytes(maxBytes: number): Uint8Array {
    const length = this.varint();
    if (length > maxBytes) {
      throw new ProtocolError('tooLarge', `an object has ${length} bytes, ${maxBytes} are allowed`);
    }
    return this.#take(length);
  }

  #take(length: number): Buffer {
    if (length > this.remaining) {
      throw new ProtocolError(
        'truncated',
        `${length} bytes announced, ${this.remaining} are there`,
      );
    }
    const taken = this.#source.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }
}
