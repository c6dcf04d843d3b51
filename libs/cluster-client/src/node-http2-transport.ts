/**
 * HTTP/2, where the server takes it: all requests of an account on one connection, as every Go
 * client does it. Measured with 25 watches: 19 KB of memory for each, where a TLS connection of its
 * own costs 111 KB. A server that does not take it is spoken to in HTTP/1.1 from then on.
 */
import type { ClientHttp2Stream, IncomingHttpHeaders } from 'node:http2';
import { constants } from 'node:http2';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import type { Credentials } from './credentials.ts';
import { sameTls } from './node-connections.ts';
import { NodeHttp1Transport } from './node-http1-transport.ts';
import { negotiate, type NodeHttp2Session, type SessionTarget } from './node-http2-session.ts';
import {
  abortedError,
  closedError,
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
  #sessions: NodeHttp2Session[] = [];
  #tls: Credentials['tls'] | undefined;
  #connecting: Promise<void> | undefined;
  #speaksHttp1 = false;
  readonly #closing = new AbortController();

  constructor(options: Http2Options) {
    this.#options = options;
    this.#http1 = new NodeHttp1Transport(options);
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
      const session = await this.#reserved(request.credentials, limit.signal);
      if (session === 'http/1.1') return await this.#http1.send(request);
      return await this.#exchange(session, request, limit.signal);
    } finally {
      clearTimeout(timer);
      request.signal?.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#closing.abort();
    for (const session of this.#sessions) session.destroy(closedError());
    this.#sessions = [];
    this.#http1.close();
  }

  /** A session with a stream reserved on it, which is given back when nobody waits any more. */
  async #reserved(
    credentials: Credentials,
    signal: AbortSignal,
  ): Promise<NodeHttp2Session | 'http/1.1'> {
    const reserving = this.#session(credentials);
    try {
      return await orAborted(reserving, signal);
    } catch (error: unknown) {
      // What the reserving fails with is the error here, or comes too late to matter.
      reserving.then(
        (session) => session !== 'http/1.1' && session.release(),
        () => undefined,
      );
      throw error;
    }
  }

  /**
   * A session with room, or a new one; at most one is being made at a time. The stream is counted
   * at once: all who waited for a new session go on in the same turn.
   */
  async #session({ tls }: Credentials): Promise<NodeHttp2Session | 'http/1.1'> {
    for (;;) {
      if (this.#closing.signal.aborted) throw closedError();
      if (this.#speaksHttp1) return 'http/1.1';
      this.#renew(tls);
      const session = this.#sessions.find(({ hasRoom }) => hasRoom);
      if (session !== undefined) {
        session.take();
        return session;
      }
      this.#connecting ??= this.#connect(tls).finally(() => (this.#connecting = undefined));
      await this.#connecting;
    }
  }

  /** A connection lives with the certificate that it was made with. */
  #renew(tls: Credentials['tls']): void {
    const isSame = sameTls(this.#tls, tls);
    this.#tls = tls;
    if (!isSame) for (const session of this.#sessions) session.retire();
    this.#sessions = this.#sessions.filter(({ isOver }) => !isOver);
  }

  async #connect(tls: Credentials['tls']): Promise<void> {
    const { headersTimeoutMs, ...target } = this.#options;
    const made = await negotiate(
      { ...target, tls, connectTimeoutMs: headersTimeoutMs },
      this.#closing.signal,
    );
    if (made.protocol === 'http/1.1') {
      this.#speaksHttp1 = true;
      this.#http1.adopt(made.socket);
    } else if (this.#closing.signal.aborted || !sameTls(this.#tls, tls)) {
      made.session.retire();
    } else {
      this.#sessions.push(made.session);
    }
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

function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    void promise
      .then(resolve, (error: unknown) => reject(error as Error))
      .finally(() => {
        signal.removeEventListener('abort', abort);
      });
  });
}
