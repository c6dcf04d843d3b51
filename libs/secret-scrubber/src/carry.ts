/**
 * The bytes of an incomplete object, kept from chunk to chunk. They may be a Secret: every byte
 * that is given up is overwritten with zero first, also when the buffer moves to grow.
 */

/** A larger buffer is given back when it is emptied: thousands of feeds sit idle at a time. */
const keptBytes = 16 * 1024;

/** A buffer that grows, always with a zero byte behind its content. */
export class Carry {
  /** The content, then at least one zero byte. Another object after `append`. */
  bytes: Buffer = Buffer.alloc(0);
  /** Bytes of content. */
  length = 0;

  /** Adds bytes. */
  append(more: Uint8Array): void {
    if (more.length === 0) return;
    const length = this.length + more.length;
    if (length >= this.bytes.length) this.#grow(length + 1);
    this.bytes.set(more, this.length);
    this.length = length;
  }

  /** The content alone, not a copy: overwritten by the next `clear`. */
  content(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  /** Overwrites the content with zeros and forgets it. */
  clear(): void {
    this.bytes.fill(0, 0, this.length);
    this.length = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.alloc(0);
  }

  #grow(bytes: number): void {
    const grown = Buffer.alloc(Math.max(2 * this.bytes.length, bytes, 1024));
    grown.set(this.content(), 0);
    this.bytes.fill(0, 0, this.length);
    this.bytes = grown;
  }
}
