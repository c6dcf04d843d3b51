/**
 * The client over Node's own HTTP. Each request takes the credentials in force, has a limit until
 * the response's headers, and hands the body on unread.
 */
import type {
  ClusterClient,
  ClusterIdentity,
  ClusterRequest,
  ClusterResponse,
} from './cluster-client.ts';
import { ClusterClientError } from './cluster-client-error.ts';
import { CredentialCache, type CredentialSource, type Credentials } from './credentials.ts';
import { identifyCluster } from './identify.ts';
import { kubeconfigCredentials, type KubeconfigOptions } from './kubeconfig-credentials.ts';
import { inLines, type HeaderLines } from './live-headers.ts';
import type { LiveRequest, LiveResponse } from './live-exchange.ts';
import { NodeHttp1Transport } from './node-http1-transport.ts';
import { NodeHttp2Transport } from './node-http2-transport.ts';
import { NodeLiveClient } from './node-live-client.ts';
import {
  abortedError,
  closedError,
  StaleConnection,
  type IncomingResponse,
  type Transport,
} from './node-transport.ts';
import { ResponseBody, readText } from './response-body.ts';
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
  /**
   * `offer`: one HTTP/2 connection for all requests where the server takes it; `never`: HTTP/1.1,
   * a connection for each request under way. Plain HTTP and proxies are always HTTP/1.1.
   * @defaultValue 'offer'
   */
  readonly http2?: 'offer' | 'never';
  /** An HTTP/2 connection silent for so long is pinged, in milliseconds. @defaultValue 30000 */
  readonly pingAfterMs?: number;
  /** How long the answer to a ping may take, in milliseconds. @defaultValue 15000 */
  readonly pingTimeoutMs?: number;
  /**
   * An HTTP/2 connection of live exchanges that nobody has used for so long is closed, in milliseconds;
   * looked at each `pingAfterMs`. @defaultValue 90000
   */
  readonly idleTimeoutMs?: number;
  /** Sent as `user-agent`. @defaultValue 'fairlead' */
  readonly userAgent?: string;
  /** Unix milliseconds. @defaultValue the system's clock */
  readonly nowMs?: () => number;
}

const DEFAULTS = Object.freeze({
  // As client-go's TLS handshake and header timeouts together; kube-apiserver itself ends at 60 s.
  headersTimeoutMs: 30_000,
  gzip: 'none',
  http2: 'offer',
  // k8s.io/apimachinery/pkg/util/net: HTTP2_READ_IDLE_TIMEOUT_SECONDS, HTTP2_PING_TIMEOUT_SECONDS.
  pingAfterMs: 30_000,
  pingTimeoutMs: 15_000,
  // As client-go keeps them (`IdleConnTimeout` of its default transport).
  idleTimeoutMs: 90_000,
  userAgent: 'fairlead',
  nowMs: () => Date.now(),
} as const);

/**
 * Makes a client from a kubeconfig file. Reads the file and the credentials once, so that what is
 * wrong with them is known at once. Throws `config`, `credentials` or `timeout`.
 */
export async function clusterClientFromKubeconfig(
  options: KubeconfigOptions & ConnectionOptions,
): Promise<ClusterClient> {
  const resolved = { ...DEFAULTS, ...options };
  return openClient(await kubeconfigCredentials(options, resolved.nowMs), resolved);
}

/** Makes a client from a pod's service account. Throws `config` or `credentials`. */
export async function clusterClientFromServiceAccount(
  options: ServiceAccountOptions & ConnectionOptions = {},
): Promise<ClusterClient> {
  return openClient(serviceAccountCredentials(options), { ...DEFAULTS, ...options });
}

async function openClient(
  source: CredentialSource,
  options: Required<ConnectionOptions>,
): Promise<ClusterClient> {
  const cache = await CredentialCache.open(source, options.nowMs);
  return new NodeClusterClient(source.server, cache, options);
}

class NodeClusterClient implements ClusterClient {
  readonly server: string;
  readonly #credentials: CredentialCache;
  readonly #direct: Transport;
  readonly #proxied: Transport;
  readonly #live: NodeLiveClient;
  readonly #options: Required<ConnectionOptions>;
  readonly #basePath: string;
  #fingerprint = '';
  #isClosed = false;

  constructor(server: string, credentials: CredentialCache, options: Required<ConnectionOptions>) {
    this.server = server;
    this.#credentials = credentials;
    this.#options = options;
    const { headersTimeoutMs, pingAfterMs, pingTimeoutMs, http2 } = options;
    this.#proxied = new NodeHttp1Transport({ server, headersTimeoutMs });
    this.#direct =
      http2 === 'never' || !server.startsWith('https:')
        ? this.#proxied
        : new NodeHttp2Transport({ server, headersTimeoutMs, pingAfterMs, pingTimeoutMs });
    this.#live = new NodeLiveClient(
      { ...options, server, connectTimeoutMs: headersTimeoutMs },
      credentials,
    );
    this.#basePath = new URL(server).pathname.replace(/\/+$/, '');
  }

  async request(request: ClusterRequest): Promise<ClusterResponse> {
    const method = request.method ?? 'GET';
    try {
      return await this.#attempt(request, method);
    } catch (error: unknown) {
      if (!(error instanceof StaleConnection)) throw error;
      // The server closed a kept connection just as we used it. Nothing was read, so a request
      // without effects may be sent again; the others are the caller's to judge.
      if (method === 'GET' || method === 'HEAD') return this.#again(request, method);
      throw closedBeforeAnswer();
    }
  }

  exchange(request: LiveRequest): Promise<LiveResponse> {
    return this.#live.exchange(request);
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
    this.#direct.close();
    this.#proxied.close();
    this.#live.close();
  }

  async #again(request: ClusterRequest, method: string): Promise<ClusterResponse> {
    try {
      return await this.#attempt(request, method);
    } catch (error: unknown) {
      throw error instanceof StaleConnection ? closedBeforeAnswer() : error;
    }
  }

  async #attempt(request: ClusterRequest, method: string): Promise<ClusterResponse> {
    const credentials = await this.#credentials.get();
    // Looked at after the credentials were read: close() or abort may have come meanwhile.
    if (this.#isClosed) throw closedError();
    if (request.signal?.aborted === true) throw abortedError();
    const transport = credentials.proxyAgent === undefined ? this.#direct : this.#proxied;
    const response = await transport.send({
      method,
      path: this.#pathOf(request),
      headers: this.#headersOf(request, credentials),
      body: request.body,
      signal: request.signal,
      credentials,
    });
    this.#fingerprint = response.certificateFingerprint || this.#fingerprint;
    return this.#asResponse(response, request);
  }

  #pathOf({ path, query }: ClusterRequest): string {
    const text = new URLSearchParams(query).toString();
    return this.#basePath + path + (text === '' ? '' : `?${text}`);
  }

  #headersOf(request: ClusterRequest, credentials: Credentials): HeaderLines {
    return {
      'user-agent': this.#options.userAgent,
      accept: 'application/json',
      ...(this.#options.gzip === 'ask' ? { 'accept-encoding': 'gzip' } : {}),
      ...lowerCaseNames(request.headers ?? {}),
      ...inLines(credentials.headers),
    };
  }

  #asResponse(response: IncomingResponse, request: ClusterRequest): ClusterResponse {
    const body = new ResponseBody(response, {
      signal: request.signal,
      unpack: this.#options.gzip === 'ask' ? 'gzip' : 'nothing',
    });
    return {
      status: response.status,
      headers: response.headers,
      body,
      text: (maxBytes) => readText(body, maxBytes),
    };
  }
}

function closedBeforeAnswer(): ClusterClientError {
  return new ClusterClientError('unreachable', 'the connection was closed before the answer');
}

function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}
