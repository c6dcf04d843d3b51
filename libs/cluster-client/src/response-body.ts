/**
 * A response's body as chunks: pulled, with back-pressure, its faults translated, and the socket
 * destroyed when the reader leaves early.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ClusterClientError } from './cluster-client-error.ts';
import { abortedError, type IncomingResponse } from './node-transport.ts';

/** What `text()` reads at most when it is not told. Discovery documents are up to a few MB. */
const DEFAULT_MAX_TEXT_BYTES = 16 * 1024 * 1024;

/** Chunks that wait for the reader, in bytes; a socket hands out 64 KiB at most at a time. */
const MAX_QUEUED_BYTES = 64 * 1024;

/** How to read a body. */
export interface BodyOptions {
  /** The caller's signal: tells an abort from a broken connection. */
  readonly signal: AbortSignal | undefined;
  /** Whether a gzip body is unpacked here. */
  readonly unpack: 'gzip' | 'nothing';
  /**
   * `direction`: of a connection that was upgraded; the end of the body leaves it to what is still
   * being sent. @defaultValue 'exchange'
   */
  readonly ends?: 'exchange' | 'direction';
}

type Answer = IteratorResult<Uint8Array, undefined>;
type Waiter = (answer: Answer | Promise<Answer>) => void;

/**
 * The body, to be read once and one chunk after the other. None is copied: who is done with one may
 * overwrite it. Not a generator on purpose: V8 keeps the last chunk of a generator alive while it
 * waits for the next, 64 KiB for each idle watch. And not Node's own iterator, which joins chunks
 * that wait, and takes an HTTP/2 stream that was answered whole before anybody read it for one
 * that broke off.
 */
export class ResponseBody implements AsyncIterableIterator<Uint8Array> {
  readonly #response: IncomingResponse;
  readonly #options: BodyOptions;
  readonly #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #source: Readable | undefined;
  #failure: unknown;
  #isOver = false;
  #waiter: Waiter | undefined;

  constructor(response: IncomingResponse, options: BodyOptions) {
    this.#response = response;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<Answer> {
    const source = (this.#source ??= this.#start());
    const chunk = this.#take();
    if (chunk !== undefined) return Promise.resolve({ done: false, value: chunk });
    if (this.#isOver) return this.#end(source);
    if (source.isPaused()) source.resume();
    // Nothing is chained to it: this is what an idle watch waits on.
    return new Promise((resolve) => (this.#waiter = resolve));
  }

  return(): Promise<Answer> {
    this.#response.stream.destroy();
    return Promise.resolve({ done: true, value: undefined });
  }

  #start(): Readable {
    const { headers, stream } = this.#response;
    const isGzip = this.#options.unpack === 'gzip' && headers['content-encoding'] === 'gzip';
    const source = isGzip ? unpacked(stream) : stream;
    const end = (): void => {
      this.#isOver = true;
      // Later, since the stream is destroyed then, and others hear of its end, too.
      this.#takeWaiter()?.(Promise.resolve().then(() => this.#end(source)));
    };
    source.on('error', (error: Error) => (this.#failure ??= error));
    source.on('end', end).on('error', end).on('close', end);
    source.on('data', (chunk: Uint8Array) => this.#receive(source, chunk));
    this.#isOver = source.destroyed;
    this.#failure ??= source.errored ?? undefined;
    return source;
  }

  #receive(source: Readable, chunk: Uint8Array): void {
    const waiter = this.#takeWaiter();
    if (waiter !== undefined) {
      waiter({ done: false, value: chunk });
      return;
    }
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= MAX_QUEUED_BYTES) source.pause();
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#queue.shift();
    this.#queuedBytes -= chunk?.length ?? 0;
    return chunk;
  }

  #takeWaiter(): Waiter | undefined {
    const waiter = this.#waiter;
    this.#waiter = undefined;
    return waiter;
  }

  #end(source: Readable): Promise<Answer> {
    const isWhole = source.readableEnded && this.#response.isWhole();
    if (!isWhole || this.#options.ends !== 'direction') this.#response.stream.destroy();
    if (this.#failure === undefined && isWhole) {
      return Promise.resolve({ done: true, value: undefined });
    }
    const isAborted = this.#options.signal?.aborted === true;
    const failure = isAborted ? abortedError() : (this.#failure ?? brokenOff());
    return Promise.reject(ClusterClientError.from(failure, 'interrupted').ofRequestSent());
  }
}

function brokenOff(): ClusterClientError {
  return new ClusterClientError('interrupted', 'the connection broke in the middle of the answer');
}

/** Collects a body as text. Throws `tooLarge` beyond `maxBytes`. */
export async function readText(
  body: AsyncIterable<Uint8Array>,
  maxBytes = DEFAULT_MAX_TEXT_BYTES,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new ClusterClientError('tooLarge', `the answer is larger than ${maxBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unpacked(stream: Readable): Readable {
  // The error reaches the reader through the returned stream; pipeline only passes it on.
  return pipeline(stream, createGunzip(), () => undefined);
}
