/**
 * HTTP/2, where the server takes it: all requests of an account on one connection, as every Go
 * client does it. Measured with 25 watches: 19 KB of memory for each, where a TLS connection of its
 * own costs 111 KB. A server that does not take it is spoken to in HTTP/1.1 from then on.
 */
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import { NodeHttp1Transport } from './node-http1-transport.ts';
import { NodeHttp2Pool } from './node-http2-pool.ts';
import type { NodeHttp2Session, SessionTarget } from './node-http2-session.ts';
import {
  abortedError,
  headersTimeoutError,
  StaleConnection,
  type IncomingResponse,
  type OutgoingRequest,
  type Transport,
} from './node-transport.ts';

/** Where to, and how long to wait. */
export interface Http2Options extends Omit<SessionTarget, 'tls' | 'connectTimeoutMs'> {
  /** Longest wait for a response's headers, connecting included. */
  readonly headersTimeoutMs: number;
}

/** Requests over HTTP/2 sessions; over HTTP/1.1 if the server wants that. */
export class NodeHttp2Transport implements Transport {
  readonly #options: Http2Options;
  readonly #http1: NodeHttp1Transport;
  readonly #pool: NodeHttp2Pool;

  constructor(options: Http2Options) {
    this.#options = options;
    this.#http1 = new NodeHttp1Transport(options);
    const { headersTimeoutMs: connectTimeoutMs, ...target } = options;
    const onHttp1 = (socket: TLSSocket): void => this.#http1.adopt(socket);
    this.#pool = new NodeHttp2Pool({ ...target, connectTimeoutMs, onHttp1 });
  }

  async send(request: OutgoingRequest): Promise<IncomingResponse> {
    const { headersTimeoutMs } = this.#options;
    const limit = new AbortController();
    const timer = setTimeout(
      () => limit.abort(headersTimeoutError(headersTimeoutMs)),
      headersTimeoutMs,
    );
    const abort = (): void => limit.abort(abortedError());
    request.signal?.addEventListener('abort', abort, { once: true });
    try {
      const session = await this.#pool.reserve(request.credentials.tls, limit.signal);
      if (session === 'http/1.1') return await this.#http1.send(request);
      return await this.#exchange(session, request, limit.signal);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#pool.close();
    this.#http1.close();
  }

  async #exchange(
    session: NodeHttp2Session,
    request: OutgoingRequest,
    limit: AbortSignal,
  ): Promise<IncomingResponse> {
    const stream = open(session, request);
    const headers = await headOf(stream, limit);
    return {
      status: Number(headers[':status'] ?? 0),
      headers: joinedHeaders(headers),
      stream,
      // A reset stream can look like one that ended.
      isWhole: () => stream.rstCode === constants.NGHTTP2_NO_ERROR && !stream.aborted,
      certificateFingerprint: session.certificateFingerprint,
    };
  }
}

function open(session: NodeHttp2Session, request: OutgoingRequest): ClientHttp2Stream {
  const { method, path, headers, body, signal } = request;
  let stream: ClientHttp2Stream;
  try {
    stream = session.http2.request(
      { ...headers, ':method': method, ':path': path },
      { endStream: body === undefined },
    );
  } catch (error: unknown) {
    // Most likely the session ended between the look at it and now.
    session.release();
    throw faultBeforeHead(error);
  }
  const abort = (): void => void stream.destroy(abortedError());
  signal?.addEventListener('abort', abort, { once: true });
  stream.once('close', () => {
    signal?.removeEventListener('abort', abort);
    session.release();
  });
  // Stays: an error of the body reaches its reader, and nobody else need listen.
  stream.on('error', ignoreStreamError);
  if (body !== undefined) stream.end(body);
  return stream;
}

function ignoreStreamError(): void {
  // Its reader has been told.
}

/** Leaves nothing behind on the stream: it may be a watch that lasts for an hour. */
function headOf(stream: ClientHttp2Stream, limit: AbortSignal): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => void stream.destroy(limit.reason as Error);
    const onResponse = (headers: IncomingHttpHeaders): void => settle(() => resolve(headers));
    const onError = (error: Error): void => settle(() => reject(faultBeforeHead(error)));
    const onClose = (): void => settle(() => reject(new StaleConnection()));
    const settle = (act: () => void): void => {
      limit.removeEventListener('abort', giveUp);
      stream.off('response', onResponse).off('error', onError).off('close', onClose);
      act();
    };
    limit.addEventListener('abort', giveUp, { once: true });
    stream.on('response', onResponse).on('error', onError).on('close', onClose);
    if (limit.aborted) giveUp();
  });
}

/** What ended a stream before anything was answered on it. */
function faultBeforeHead(error: unknown): Error {
  if (error instanceof ClusterClientError) {
    // The silent session was given up: as stale as one that was closed.
    return error.code === 'interrupted' ? new StaleConnection() : error;
  }
  const code = systemCodeOf(error);
  const isStale = code.startsWith('ERR_HTTP2_') || code === 'ECONNRESET' || code === 'EPIPE';
  return isStale ? new StaleConnection() : ClusterClientError.from(error, 'unreachable');
}

function joinedHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const joined: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || name.startsWith(':')) continue;
    joined[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return joined;
}
