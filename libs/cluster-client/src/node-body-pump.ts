/**
 * Sends a body that is pulled from somewhere else: a chunk is asked for when the connection has taken
 * the last one.
 */
import type { Writable } from 'node:stream';
import { abortedError } from './node-transport.ts';
import { ClusterClientError } from './cluster-client-error.ts';

/** What is to be sent. */
export interface PumpedBody {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** What was said to come; undefined where the end of the body says it. */
  readonly lengthBytes: number | undefined;
}

/**
 * Sends it all and ends `sink`, and settles then, or when `sink` is closed. Never rejects: a body that
 * fails, or is not as long as was said, destroys `sink`, since the API server must not take what came
 * of it for the whole, and what is too much not for another request.
 */
export async function pumpBody(sink: Writable, body: PumpedBody): Promise<void> {
  const iterator = body.chunks[Symbol.asyncIterator]();
  const leave = (): void => void iterator.return?.().catch(ignoreLateFailure);
  if (sink.destroyed) {
    leave();
    return;
  }
  let left = body.lengthBytes ?? Infinity;
  sink.once('close', leave);
  try {
    for (;;) {
      const next = await iterator.next();
      if (isOver(sink)) return;
      if (next.done === true) break;
      left -= next.value.length;
      if (left < 0) throw wrongLength();
      if (!sink.write(next.value)) await drained(sink);
    }
    if (left > 0 && left < Infinity) throw wrongLength();
    sink.off('close', leave);
    sink.end();
  } catch (error: unknown) {
    sink.off('close', leave);
    leave();
    // Why the caller's body failed is the caller's to know; it has given the request up.
    sink.destroy(error instanceof ClusterClientError ? error : abortedError());
  }
}

/** Tells a body that nobody will read it. */
export function declineBody(body: Uint8Array | AsyncIterable<Uint8Array> | undefined): void {
  if (body === undefined || body instanceof Uint8Array) return;
  void body[Symbol.asyncIterator]().return?.().catch(ignoreLateFailure);
}

/** Asked anew: the sink may have been destroyed while a chunk was waited for. */
function isOver(sink: Writable): boolean {
  return sink.destroyed;
}

function drained(sink: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      sink.off('drain', settle).off('close', settle);
      resolve();
    };
    sink.on('drain', settle).on('close', settle);
  });
}

function wrongLength(): ClusterClientError {
  return new ClusterClientError('invalid', 'the body is not as long as its content-length says', {
    mayHaveRun: true,
  });
}

function ignoreLateFailure(): void {
  // The exchange is over: nobody waits for the rest of its body.
}
