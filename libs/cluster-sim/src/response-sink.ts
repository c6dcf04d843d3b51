// Where an answer goes. Handlers write here and not to a socket, so that faults can stand between,
// and so that the one rule of writing is in one place: wait when the reader is slow.
import { type CopyableBytes } from './stored-object.ts';

/** The receiving side of one answer. */
export interface ResponseSink {
  /** Sends status and headers; once, before any bytes. */
  start(status: number, headers: Readonly<Record<string, string>>): void;
  /** Sends bytes, which then belong to the sink. False: wait for `drained` before writing more. */
  write(bytes: Uint8Array): boolean;
  /** Settles when there is room again, or when the connection is gone. */
  drained(): Promise<void>;
  /** Ends the answer in order. */
  end(): void;
  /** Cuts the connection now; what was written and not yet sent is lost. */
  destroy(): void;
  /**
   * Cuts the connection when everything written has been sent. With `chunk`, one of its length is
   * announced first, and half of it sent.
   */
  breakOff(chunk?: Uint8Array): void;
  /** Aborts when the reader has gone or the answer is over. */
  readonly closed: AbortSignal;
}

/** A sink that passes everything on; those that change something are made from it. */
export class PassingSink implements ResponseSink {
  readonly closed: AbortSignal;
  readonly #below: ResponseSink;

  constructor(below: ResponseSink) {
    this.#below = below;
    this.closed = below.closed;
  }

  start(status: number, headers: Readonly<Record<string, string>>): void {
    this.#below.start(status, headers);
  }

  write(bytes: Uint8Array): boolean {
    return this.#below.write(bytes);
  }

  drained(): Promise<void> {
    return this.#below.drained();
  }

  end(): void {
    this.#below.end();
  }

  destroy(): void {
    this.#below.destroy();
  }

  breakOff(chunk?: Uint8Array): void {
    this.#below.breakOff(chunk);
  }
}

/** Sends a whole small answer with its length. */
export function sendWhole(
  sink: ResponseSink,
  status: number,
  body: { readonly contentType: string; readonly bytes: Uint8Array },
  headers: Readonly<Record<string, string>> = {},
): void {
  sink.start(status, {
    'content-type': body.contentType,
    'content-length': String(body.bytes.length),
    ...headers,
  });
  sink.write(body.bytes);
  sink.end();
}

/** Collects small pieces and hands them to a sink in big ones; full ones wait for a slow reader. */
export class ChunkWriter {
  readonly #sink: ResponseSink;
  readonly #chunkBytes: number;
  #pieces: (Uint8Array | CopyableBytes)[] = [];
  #bytes = 0;
  #hasRoom = true;

  constructor(sink: ResponseSink, chunkBytes: number) {
    this.#sink = sink;
    this.#chunkBytes = chunkBytes;
  }

  /** True when the reader keeps up; when false, call `flush` before adding more. */
  get hasRoom(): boolean {
    return this.#hasRoom;
  }

  /** Adds bytes, which must not change any more. */
  add(bytes: Uint8Array | CopyableBytes): void {
    this.#pieces.push(bytes);
    this.#bytes += bytes.byteLength;
    if (this.#bytes >= this.#chunkBytes) this.#send();
  }

  /** Sends what was added and waits until the reader has room again. */
  async flush(): Promise<void> {
    this.#send();
    if (this.#hasRoom) return;
    await this.#sink.drained();
    this.#hasRoom = true;
  }

  #send(): void {
    if (this.#bytes === 0) return;
    // One copy into one buffer costs far less than a write (and an HTTP chunk) for every piece.
    const chunk = concatBytes(this.#pieces, this.#bytes);
    this.#pieces = [];
    this.#bytes = 0;
    this.#hasRoom = this.#sink.write(chunk) && this.#hasRoom;
  }
}

/** One buffer of so many bytes out of pieces. */
export function concatBytes(
  pieces: readonly (Uint8Array | CopyableBytes)[],
  byteLength = pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
): Buffer {
  const whole = Buffer.allocUnsafe(byteLength);
  let at = 0;
  for (const piece of pieces) {
    if (piece instanceof Uint8Array) whole.set(piece, at);
    else piece.copyTo(whole, at);
    at += piece.byteLength;
  }
  return whole;
}

/** Settles when the reader has gone. */
export function untilClosed(sink: ResponseSink): Promise<void> {
  if (sink.closed.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    sink.closed.addEventListener('abort', () => resolve(), { once: true });
  });
}
