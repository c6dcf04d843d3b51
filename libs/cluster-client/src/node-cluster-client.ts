/**
 * The client over Node's own `http`/`https`. Each request takes the credentials in force, has a
 * limit until the response's headers, and hands the body on unread.
 */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type {
  ClusterClient,
  ClusterIdentity,
  ClusterRequest,
  ClusterResponse,
} from './cluster-client.ts';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import { CredentialCache, type CredentialSource } from './credentials.ts';
import { fingerprintOf, identifyCluster } from './identify.ts';
import { kubeconfigCredentials, type KubeconfigOptions } from './kubeconfig-credentials.ts';
import { NodeConnections, TCP_KEEPALIVE_MS } from './node-connections.ts';
import { readBody, readText } from './response-body.ts';
import {
  serviceAccountCredentials,
  type ServiceAccountOptions,
} from './service-account-credentials.ts';

/** What every client can be told. */
export interface ConnectionOptions {
  /** Longest wait for a response's headers, connecting included. @defaultValue 30000 */
  readonly headersTimeoutMs?: number;
  /**
   * `ask`: let the server compress what it wants to (kube-apiserver: lists above 128 KiB, never a
   * watch) and unpack it here. Saves bandwidth, costs both sides CPU. @defaultValue 'none'
   */
  readonly gzip?: 'ask' | 'none';
  /** Sent as `user-agent`. @defaultValue 'fairlead' */
  readonly userAgent?: string;
  /** Unix milliseconds. @defaultValue the system's clock */
  readonly nowMs?: () => number;
}

/** As client-go's TLS handshake and header timeouts together; kube-apiserver itself ends at 60 s. */
const DEFAULT_HEADERS_TIMEOUT_MS = 30_000;

/**
 * Makes a client from a kubeconfig file. Reads the file and the credentials once, so that what is
 * wrong with them is known at once. Throws `config`, `credentials` or `timeout`.
 */
export async function clusterClientFromKubeconfig(
  options: KubeconfigOptions & ConnectionOptions,
): Promise<ClusterClient> {
  const nowMs = options.nowMs ?? systemNowMs;
  return openClient(await kubeconfigCredentials(options, nowMs), { ...options, nowMs });
}

/** Makes a client from a pod's service account. Throws `config` or `credentials`. */
export async function clusterClientFromServiceAccount(
  options: ServiceAccountOptions & ConnectionOptions = {},
): Promise<ClusterClient> {
  return openClient(serviceAccountCredentials(options), options);
}

function systemNowMs(): number {
  return Date.now();
}

async function openClient(
  source: CredentialSource,
  options: ConnectionOptions,
): Promise<ClusterClient> {
  const cache = await CredentialCache.open(source, options.nowMs ?? systemNowMs);
  return new NodeClusterClient(source.server, cache, options);
}

class NodeClusterClient implements ClusterClient {
  readonly server: string;
  readonly #credentials: CredentialCache;
  readonly #connections: NodeConnections;
  readonly #headersTimeoutMs: number;
  readonly #gzip: 'ask' | 'none';
  readonly #userAgent: string;
  readonly #basePath: string;
  readonly #running = new Set<ClientRequest>();
  #fingerprint = '';
  #isClosed = false;

  constructor(server: string, credentials: CredentialCache, options: ConnectionOptions) {
    this.server = server;
    this.#credentials = credentials;
    this.#connections = new NodeConnections(server);
    this.#headersTimeoutMs = options.headersTimeoutMs ?? DEFAULT_HEADERS_TIMEOUT_MS;
    this.#gzip = options.gzip ?? 'none';
    this.#userAgent = options.userAgent ?? 'fairlead';
    this.#basePath = new URL(server).pathname.replace(/\/+$/, '');
  }

  async request(request: ClusterRequest): Promise<ClusterResponse> {
    const method = request.method ?? 'GET';
    try {
      return await this.#attempt(request, method);
    } catch (error: unknown) {
      if (!(error instanceof StaleSocket)) throw error;
      // The server closed a kept connection just as we used it. Nothing was read, so a request
      // without effects may be sent again; the others are the caller's to judge.
      if (method === 'GET' || method === 'HEAD') return this.#attempt(request, method);
      throw new ClusterClientError('unreachable', 'the connection was closed before the answer');
    }
  }

  async reloadCredentials(): Promise<void> {
    await this.#credentials.reload();
  }

  async identify(signal?: AbortSignal): Promise<ClusterIdentity> {
    const facts = await identifyCluster(this, signal);
    return { server: this.server, certificateFingerprint: this.#fingerprint, ...facts };
  }

  close(): void {
    this.#isClosed = true;
    for (const request of this.#running) request.destroy(closedError());
    this.#connections.close();
  }

  async #attempt(request: ClusterRequest, method: string): Promise<ClusterResponse> {
    const options = await this.#options(request, method);
    // Looked at after the credentials were read: close() or abort may have come meanwhile.
    if (this.#isClosed) throw closedError();
    if (request.signal?.aborted === true) throw abortedError();
    const send = this.server.startsWith('https:') ? httpsRequest : httpRequest;
    const outgoing = send(this.server, options);
    this.#track(outgoing, request.signal);
    const response = await this.#headers(outgoing, request);
    this.#fingerprint = fingerprintOf(response.socket) || this.#fingerprint;
    return this.#asResponse(response, request);
  }

  async #options(request: ClusterRequest, method: string): Promise<RequestOptions> {
    const credentials = await this.#credentials.get();
    const query = new URLSearchParams(request.query).toString();
    return {
      method,
      path: this.#basePath + request.path + (query === '' ? '' : `?${query}`),
      agent: this.#connections.agentFor(credentials),
      headers: {
        'user-agent': this.#userAgent,
        accept: 'application/json',
        ...(this.#gzip === 'ask' ? { 'accept-encoding': 'gzip' } : {}),
        ...lowerCaseNames(request.headers ?? {}),
        ...credentials.headers,
        ...lengthOf(request.body),
      },
    };
  }

  /** Ends the request with the caller's signal or with the client, and forgets it when it ends. */
  #track(outgoing: ClientRequest, signal: AbortSignal | undefined): void {
    const abort = (): void => void outgoing.destroy(abortedError());
    signal?.addEventListener('abort', abort, { once: true });
    this.#running.add(outgoing);
    outgoing.once('close', () => {
      signal?.removeEventListener('abort', abort);
      this.#running.delete(outgoing);
    });
  }

  #headers(outgoing: ClientRequest, request: ClusterRequest): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const afterMs = this.#headersTimeoutMs;
        outgoing.destroy(
          new ClusterClientError('timeout', `the API server sent no answer for ${afterMs} ms`),
        );
      }, this.#headersTimeoutMs);
      outgoing.once('socket', (socket: Socket) => socket.setKeepAlive(true, TCP_KEEPALIVE_MS));
      outgoing.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      // Stays after the response: an error of the socket then also reaches the body's reader.
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        const isStale = outgoing.reusedSocket && systemCodeOf(error) === 'ECONNRESET';
        reject(isStale ? new StaleSocket() : ClusterClientError.from(error, 'unreachable'));
      });
      outgoing.end(request.body);
    });
  }

  #asResponse(response: IncomingMessage, request: ClusterRequest): ClusterResponse {
    const body = readBody(response, {
      signal: request.signal,
      unpack: this.#gzip === 'ask' ? 'gzip' : 'nothing',
    });
    return {
      status: response.statusCode ?? 0,
      headers: joinedHeaders(response),
      body,
      text: (maxBytes) => readText(body, maxBytes),
    };
  }
}

/** A kept connection turned out to be closed; never leaves this file. */
class StaleSocket extends Error {}

function abortedError(): ClusterClientError {
  return new ClusterClientError('aborted', 'the request was aborted');
}

function closedError(): ClusterClientError {
  return new ClusterClientError('closed', 'the client is closed');
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function lengthOf(body: Uint8Array | string | undefined): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function joinedHeaders(response: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
