/**
 * Buffers that are used again. A stream of batches would else leave one buffer after the other to
 * the collector, which looks at them only after tens of MiB have gathered.
 */

/** Sizes that are kept, in bytes: a batch of one small delta up to one that is full. */
const sizes = [4, 16, 64, 256, 1024].map((kibibytes) => kibibytes * 1024);
/** What is kept for later at most, in bytes: two full batches and their smaller kin. */
const defaultMaxIdleBytes = 4 * 1024 * 1024;

/** Lends buffers and takes them back. */
export class BufferPool {
  readonly #maxIdleBytes: number;
  readonly #idle: readonly Buffer[][] = sizes.map(() => []);
  #idleBytes = 0;

  /** `maxIdleBytes`: what is kept while nobody uses it. */
  constructor(maxIdleBytes = defaultMaxIdleBytes) {
    this.#maxIdleBytes = maxIdleBytes;
  }

  /** Bytes that wait for the next use. */
  get idleBytes(): number {
    return this.#idleBytes;
  }

  /** A buffer of at least so many bytes, with anything in it. */
  take(bytes: number): Buffer {
    const place = sizes.findIndex((size) => size >= bytes);
    const kept = this.#idle[place]?.pop();
    if (kept === undefined) return Buffer.allocUnsafeSlow(sizes[place] ?? bytes);
    this.#idleBytes -= kept.length;
    return kept;
  }

  /** Takes back a buffer that nobody looks at any more. */
  give(buffer: Buffer): void {
    const shelf = this.#idle[sizes.indexOf(buffer.length)];
    if (shelf === undefined || this.#idleBytes + buffer.length > this.#maxIdleBytes) return;
    shelf.push(buffer);
    this.#idleBytes += buffer.length;
  }
}
