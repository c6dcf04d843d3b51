/**
 * A response's body as chunks: pulled, with back-pressure, its faults translated, and the socket
 * destroyed when the reader leaves early.
 */
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ClusterClientError } from './cluster-client-error.ts';
import type { IncomingResponse } from './node-transport.ts';

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
}

/** The body as an iterable, to be read once. */
export async function* readBody(
  response: IncomingResponse,
  options: BodyOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const gzipped = options.unpack === 'gzip' && response.headers['content-encoding'] === 'gzip';
  const source = gzipped ? unpacked(response.stream) : response.stream;
  try {
    yield* chunksOf(source);
    if (!response.isWhole()) throw new ClusterClientError('interrupted', 'the stream was reset');
  } catch (error: unknown) {
    if (options.signal?.aborted === true) {
      throw new ClusterClientError('aborted', 'the request was aborted');
    }
    throw ClusterClientError.from(error, 'interrupted');
  } finally {
    response.stream.destroy();
  }
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

/**
 * The chunks as the stream has them, none of them copied: who is done with one may overwrite it.
 * Node's own iterator joins those that wait, and takes an HTTP/2 stream that was answered whole
 * before anybody read it for one that broke off.
 */
async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array, void, undefined> {
  const queue: Uint8Array[] = [];
  let queuedBytes = 0;
  let failure: Error | undefined;
  let isOver = stream.destroyed;
  let wake: () => void = () => undefined;
  const end = (): void => {
    isOver = true;
    wake();
  };
  stream.on('error', (error: Error) => (failure ??= error));
  stream.on('end', end).on('error', end).on('close', end);
  stream.on('data', (chunk: Uint8Array) => {
    queue.push(chunk);
    queuedBytes += chunk.length;
    if (queuedBytes >= MAX_QUEUED_BYTES) stream.pause();
    wake();
  });
  for (;;) {
    for (let chunk = queue.shift(); chunk !== undefined; chunk = queue.shift()) {
      queuedBytes -= chunk.length;
      yield chunk;
    }
    if (failure !== undefined) throw failure;
    if (stream.readableEnded) return;
    if (isOver) throw new ClusterClientError('interrupted', 'the connection was closed');
    if (stream.isPaused()) stream.resume();
    await new Promise<void>((resolve) => (wake = resolve));
  }
}
