/**
 * Live exchanges of one client: over connections of their own, so that neither a big answer nor many
 * requests keep a watch waiting. HTTP/2 where the server takes it, else HTTP/1.1; upgrades and proxies
 * are HTTP/1.1.
 */
import { ClusterClientError } from './cluster-client-error.ts';
import type { CredentialCache, Credentials } from './credentials.ts';
import type { LiveClient, LiveRequest, LiveResponse } from './live-exchange.ts';
import { declaredLengthBytes, liveRequestHeaders, type HeaderLines } from './live-headers.ts';
import { declineBody } from './node-body-pump.ts';
import { sameTls } from './node-connections.ts';
import { NodeHttp2Pool } from './node-http2-pool.ts';
import { NodeLiveHttp1 } from './node-live-http1.ts';
import { exchangeOverHttp2 } from './node-live-http2.ts';
import { NotExecuted, type LiveSend } from './node-live-send.ts';
import { abortedError, closedError, type IncomingResponse } from './node-transport.ts';
import { ResponseBody } from './response-body.ts';

/** Where to, with what, and how long to wait. */
export interface LiveClientOptions {
  /** Address of the API server; its path is put before each request's. */
  readonly server: string;
  readonly http2: 'offer' | 'never';
  /** Longest wait for a connection. */
  readonly connectTimeoutMs: number;
  readonly pingAfterMs: number;
  readonly pingTimeoutMs: number;
  /** A session that nobody has used for so long is closed. */
  readonly idleTimeoutMs: number;
  /** For requests that have none. */
  readonly userAgent: string;
}

/** `proxy` of pods, services and nodes, and the old form of it: answers of somebody else. */
const proxyPattern = /\/proxy(\/|\?|$)/;

/** Carries live requests. */
export class NodeLiveClient implements LiveClient {
  readonly #options: LiveClientOptions;
  readonly #credentials: CredentialCache;
  readonly #http1: NodeLiveHttp1;
  readonly #pool: NodeHttp2Pool | undefined;
  readonly #basePath: string;
  #isClosed = false;

  constructor(options: LiveClientOptions, credentials: CredentialCache) {
    this.#options = options;
    this.#credentials = credentials;
    this.#http1 = new NodeLiveHttp1(options);
    const isHttp1 = options.http2 === 'never' || !options.server.startsWith('https:');
    const onHttp1 = this.#http1.adopt.bind(this.#http1);
    this.#pool = isHttp1 ? undefined : new NodeHttp2Pool({ ...options, onHttp1 });
    this.#basePath = new URL(options.server).pathname.replace(/\/+$/, '');
  }

  async exchange(request: LiveRequest): Promise<LiveResponse> {
    try {
      const credentials = await this.#credentials.get();
      const first = await this.#send(request, credentials);
      const head = await this.#unlessUnauthorized(first, request, credentials);
      if (head.status !== 101 && (request.upgrade ?? '') !== '') declineBody(request.body);
      return this.#asResponse(head, request);
    } catch (error: unknown) {
      declineBody(request.body);
      throw error instanceof NotExecuted ? error.cause : error;
    }
  }

  /** Ends every connection; what is under way fails with `closed`. */
  close(): void {
    this.#isClosed = true;
    this.#pool?.close();
    this.#http1.close();
  }

  /** A 401 was not executed: with credentials that are new it may be sent once more. */
  async #unlessUnauthorized(
    head: IncomingResponse,
    request: LiveRequest,
    used: Credentials,
  ): Promise<IncomingResponse> {
    if (head.status !== 401 || proxyPattern.test(request.target)) return head;
    try {
      await this.#credentials.reload();
    } catch {
      // The old ones stay in force; what the API server said of them is the answer.
      return head;
    }
    const credentials = await this.#credentials.get();
    if (!isResendable(request) || isSame(used, credentials)) return head;
    head.stream.destroy();
    return this.#send(request, credentials);
  }

  async #send(request: LiveRequest, credentials: Credentials): Promise<IncomingResponse> {
    const send = this.#prepare(request, credentials);
    try {
      return await this.#attempt(send, credentials);
    } catch (error: unknown) {
      if (!(error instanceof NotExecuted) || !isWhole(send.body)) throw error;
      return this.#attempt(send, credentials);
    }
  }

  async #attempt(send: LiveSend, credentials: Credentials): Promise<IncomingResponse> {
    if (this.#isClosed) throw closedError();
    if (send.signal.aborted) throw abortedError();
    const isHttp1 = send.upgrade !== '' || credentials.proxyAgent !== undefined;
    if (isHttp1 || this.#pool === undefined) return this.#http1.send(send, credentials);
    const session =
      this.#pool.reserveAtOnce(credentials.tls) ??
      (await this.#reserved(this.#pool, send, credentials));
    if (session === 'http/1.1') return this.#http1.send(send, credentials);
    return exchangeOverHttp2(session, send);
  }

  async #reserved(pool: NodeHttp2Pool, { signal }: LiveSend, { tls }: Credentials) {
    try {
      return await pool.reserve(tls, signal);
    } catch (error: unknown) {
      throw signal.aborted ? abortedError() : ClusterClientError.from(error, 'unreachable');
    }
  }

  #prepare(request: LiveRequest, credentials: Credentials): LiveSend {
    const { method, target, upgrade = '', body, signal, headersTimeoutMs = 0 } = request;
    const headers: HeaderLines = liveRequestHeaders(request, credentials.headers);
    headers['user-agent'] ??= this.#options.userAgent;
    return {
      method,
      path: this.#basePath + target,
      headers,
      upgrade,
      body: body instanceof Uint8Array && body.length === 0 ? undefined : body,
      lengthBytes: declaredLengthBytes(request),
      signal,
      headersTimeoutMs,
    };
  }

  #asResponse(head: IncomingResponse, { signal }: LiveRequest): LiveResponse {
    const { status, headers } = head;
    const ends = status === 101 ? 'direction' : 'exchange';
    return { status, headers, body: new ResponseBody(head, { signal, unpack: 'nothing', ends }) };
  }
}

/** Nothing of it was consumed, and nothing is lost if it is read again. */
function isWhole(body: LiveSend['body']): boolean {
  return body === undefined || body instanceof Uint8Array;
}

/** A body of bytes is not: of a change the caller decides. Of an upgrade nothing was read yet. */
function isResendable({ body, upgrade = '' }: LiveRequest): boolean {
  return body === undefined || upgrade !== '' || (body instanceof Uint8Array && body.length === 0);
}

function isSame(a: Credentials, b: Credentials): boolean {
  return JSON.stringify(a.headers) === JSON.stringify(b.headers) && sameTls(a.tls, b.tls);
}
