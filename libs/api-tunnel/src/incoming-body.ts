/**
 * A body that arrives in messages: the reader pulls chunks, and while it does not the wire is
 * paused. One reader, once; leaving the loop early gives the rest up.
 */

/** What a body does to what brings it. */
export interface BodySource {
  /** Bring no more for now. */
  pause(): void;
  /** Bring more. */
  resume(): void;
  /** The reader wants no more, before the end. */
  givenUp(): void;
}

/** Chunks may lie here up to this many bytes, and one more; then the source is paused. */
const highWaterBytes = 128 * 1024;

type Next = IteratorResult<Uint8Array, undefined>;

const done: Next = { done: true, value: undefined };

/** A queue of chunks with an end. */
export class IncomingBody implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #source: BodySource;
  readonly #chunks: Uint8Array[] = [];
  #bytes = 0;
  #isPaused = false;
  #end: { readonly error: Error | undefined } | undefined;
  #waiting: { resolve(next: Next): void; reject(error: Error): void } | undefined;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** Whether nothing more will arrive. */
  get isEnded(): boolean {
    return this.#end !== undefined;
  }

  /** A chunk has arrived; after the end it is thrown away, since nobody will read it. */
  push(chunk: Uint8Array): void {
    if (this.#end !== undefined || chunk.length === 0) return;
    const waiting = this.#takeWaiting();
    if (waiting !== undefined) {
      waiting.resolve({ done: false, value: chunk });
      return;
    }
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes < highWaterBytes || this.#isPaused) return;
    this.#isPaused = true;
    this.#source.pause();
  }

  /** The body is whole; what lies here can still be read. */
  end(): void {
    if (this.#end !== undefined) return;
    this.#end = { error: undefined };
    this.#takeWaiting()?.resolve(done);
  }

  /** The body breaks off: the reader gets the error after what lies here. */
  fail(error: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#takeWaiting()?.reject(error);
  }

  /** All of a body that has ended, at once; instead of reading it. */
  takeWhole(): Uint8Array {
    const chunks = this.#chunks.splice(0);
    const bytes = this.#bytes;
    this.#bytes = 0;
    return chunks.length === 1 && chunks[0] !== undefined
      ? chunks[0]
      : Buffer.concat(chunks, bytes);
  }

  next(): Promise<Next> {
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) return Promise.resolve({ done: false, value: this.#taken(chunk) });
    if (this.#end !== undefined) return this.#atEnd();
    return new Promise((resolve, reject) => (this.#waiting = { resolve, reject }));
  }

  return(): Promise<Next> {
    const wasEnded = this.isEnded;
    this.#chunks.length = 0;
    this.#bytes = 0;
    this.#end = { error: undefined };
    this.#takeWaiting()?.resolve(done);
    if (!wasEnded) this.#source.givenUp();
    this.#unpause();
    return Promise.resolve(done);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #taken(chunk: Uint8Array): Uint8Array {
    this.#bytes -= chunk.length;
    if (this.#bytes < highWaterBytes / 2) this.#unpause();
    return chunk;
  }

  /** The error once, then only the end. */
  #atEnd(): Promise<Next> {
    const error = this.#end?.error;
    this.#end = { error: undefined };
    return error === undefined ? Promise.resolve(done) : Promise.reject(error);
  }

  #unpause(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#source.resume();
  }

  #takeWaiting(): { resolve(next: Next): void; reject(error: Error): void } | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
