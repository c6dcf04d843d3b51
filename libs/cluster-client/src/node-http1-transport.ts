/** HTTP/1.1: a connection for each request under way. For plain HTTP, proxies, and older servers. */
import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import { fingerprintOf } from './identify.ts';
import { httpRequest } from './node-http.ts';
import { NodeConnections, TCP_KEEPALIVE_MS } from './node-connections.ts';
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
export interface Http1Options {
  /** Address of the API server. */
  readonly server: string;
  /** Longest wait for a response's headers, connecting included. */
  readonly headersTimeoutMs: number;
}

/** Requests over Node's `http` and `https`. */
export class NodeHttp1Transport implements Transport {
  readonly #options: Http1Options;
  readonly #connections: NodeConnections;
  readonly #running = new Set<ClientRequest>();

  constructor(options: Http1Options) {
    this.#options = options;
    this.#connections = new NodeConnections(options.server);
  }

  /** The next connection is this one, which was made and turned out to be for HTTP/1.1. */
  adopt(socket: TLSSocket): void {
    this.#connections.adopt(socket);
  }

  async send(request: OutgoingRequest): Promise<IncomingResponse> {
    const { server } = this.#options;
    const { method, path, headers, credentials } = request;
    const agent = this.#connections.agentFor(credentials);
    const start = server.startsWith('https:') ? httpsRequest : httpRequest;
    const length = lengthOf(request.body);
    const outgoing = start(server, { method, path, agent, headers: { ...headers, ...length } });
    this.#track(outgoing, request.signal);
    const response = await this.#head(outgoing, request.body);
    return {
      status: response.statusCode ?? 0,
      headers: joinedHeaders(response),
      stream: response,
      // A body that breaks off is an error of the stream here.
      isWhole: () => true,
      certificateFingerprint: fingerprintOf(response.socket),
    };
  }

  close(): void {
    for (const request of this.#running) request.destroy(closedError());
    this.#connections.close();
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

  #head(outgoing: ClientRequest, body: OutgoingRequest['body']): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const { headersTimeoutMs } = this.#options;
      const timer = setTimeout(
        () => outgoing.destroy(headersTimeoutError(headersTimeoutMs)),
        headersTimeoutMs,
      );
      outgoing.once('socket', (socket: Socket) => socket.setKeepAlive(true, TCP_KEEPALIVE_MS));
      outgoing.once('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      // Stays after the response: an error of the socket then also reaches the body's reader.
      outgoing.on('error', (error) => {
        clearTimeout(timer);
        const isStale = outgoing.reusedSocket && systemCodeOf(error) === 'ECONNRESET';
        reject(isStale ? new StaleConnection() : ClusterClientError.from(error, 'unreachable'));
      });
      outgoing.end(body);
    });
  }
}

function lengthOf(body: OutgoingRequest['body']): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

function joinedHeaders(response: IncomingMessage): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}
