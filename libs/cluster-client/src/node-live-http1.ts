/** Live exchanges over HTTP/1.1: a connection for each under way; and upgraded connections. */
import { request as httpsRequest, Agent as HttpsAgent } from 'node:https';
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import type { Credentials } from './credentials.ts';
import { fingerprintOf } from './identify.ts';
import { liveResponseHeaders } from './live-headers.ts';
import { pumpBody } from './node-body-pump.ts';
import { NodeConnections, TCP_KEEPALIVE_MS } from './node-connections.ts';
import { HttpAgent, httpRequest } from './node-http.ts';
import type { LiveSend } from './node-live-send.ts';
import {
  abortedError,
  closedError,
  headersTimeoutError,
  type IncomingResponse,
} from './node-transport.ts';

/** Where to, and how long connecting may take. */
export interface LiveHttp1Options {
  /** Address of the API server. */
  readonly server: string;
  /** Longest wait for TCP and TLS together. */
  readonly connectTimeoutMs: number;
}

/** Sends over Node's `http` and `https`. */
export class NodeLiveHttp1 {
  readonly #options: LiveHttp1Options;
  readonly #address: RequestOptions;
  readonly #connections: NodeConnections;
  /** Requests that are under way, and sockets that were upgraded. */
  readonly #running = new Set<ClientRequest | Duplex>();

  constructor(options: LiveHttp1Options) {
    this.#options = options;
    const { protocol, hostname, port } = new URL(options.server);
    this.#address = { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port };
    this.#connections = new NodeConnections(options.server);
  }

  /** The next connection is this one, which was made and turned out to be for HTTP/1.1. */
  adopt(socket: TLSSocket): void {
    this.#connections.adopt(socket);
  }

  /** Resolves with the head of the answer; rejects with an error that says whether it may have run. */
  async send(request: LiveSend, credentials: Credentials): Promise<IncomingResponse> {
    const outgoing = this.#start(request, credentials);
    const running = new RunningRequest(outgoing, request, this.#options.connectTimeoutMs);
    this.#running.add(outgoing);
    outgoing.once('close', () => this.#running.delete(outgoing));
    const { response, socket } = await running.head;
    const isSwitched = socket !== undefined;
    if (isSwitched) {
      this.#keep(socket, request.signal);
      sendOn(socket, request.body);
    } else {
      // The rest of a body that the server did not wait for.
      response.once('end', () => outgoing.writableEnded || outgoing.destroy());
    }
    return {
      status: response.statusCode ?? 0,
      headers: liveResponseHeaders(headersOf(response), isSwitched ? 'upgraded' : 'ordinary'),
      stream: socket ?? response,
      // A body that breaks off is an error of the stream here.
      isWhole: () => true,
      certificateFingerprint: fingerprintOf(response.socket),
    };
  }

  /** Ends every exchange with `closed`. */
  close(): void {
    for (const running of this.#running) running.destroy(closedError());
    this.#connections.close();
  }

  #start(request: LiveSend, credentials: Credentials): ClientRequest {
    const { method, path, upgrade } = request;
    const start = this.#address.protocol === 'https:' ? httpsRequest : httpRequest;
    const agent =
      upgrade === '' ? this.#connections.agentFor(credentials) : this.#upgrading(credentials);
    const headers = { ...request.headers, ...framingOf(request) };
    return start({ ...this.#address, method, path, agent, headers });
  }

  /** For one connection that is never given back; each side may end it before the other. */
  #upgrading({ proxyAgent, tls }: Credentials): Agent {
    if (proxyAgent !== undefined) return proxyAgent;
    const isSecure = this.#address.protocol === 'https:';
    return isSecure
      ? new HttpsAgent({ ...tls, allowHalfOpen: true } as object)
      : new HttpAgent({ allowHalfOpen: true } as object);
  }

  #keep(socket: Duplex, signal: AbortSignal): void {
    const abort = (): void => void socket.destroy(abortedError());
    signal.addEventListener('abort', abort, { once: true });
    this.#running.add(socket);
    socket.once('close', () => {
      signal.removeEventListener('abort', abort);
      this.#running.delete(socket);
    });
    // Stays: the body's reader is told, and the sender stops when it is closed.
    socket.on('error', ignoreSocketError);
    if (signal.aborted) abort();
  }
}

interface Http1Head {
  readonly response: IncomingMessage;
  /** When it was switched. */
  readonly socket?: Duplex;
}

/** Follows one request until the head of its answer, and knows how far it came. */
class RunningRequest {
  readonly head: Promise<Http1Head>;
  readonly #outgoing: ClientRequest;
  readonly #request: LiveSend;
  #timer: NodeJS.Timeout | undefined;
  #isConnected = false;

  constructor(outgoing: ClientRequest, request: LiveSend, connectTimeoutMs: number) {
    this.#outgoing = outgoing;
    this.#request = request;
    this.#limit(connectTimeoutMs);
    this.#endWithSignal();
    this.head = this.#follow();
    if (request.upgrade !== '' || request.body === undefined) outgoing.end();
    else if (request.body instanceof Uint8Array) outgoing.end(request.body);
    else outgoing.flushHeaders();
  }

  #follow(): Promise<Http1Head> {
    const outgoing = this.#outgoing;
    return new Promise((resolve, reject) => {
      const settle = (head: Http1Head): void => {
        clearTimeout(this.#timer);
        resolve(head);
      };
      outgoing.once('socket', (socket: Socket) => this.#awaitConnection(socket));
      outgoing.once('response', (response) => settle({ response }));
      if (this.#request.upgrade !== '') {
        outgoing.once('upgrade', (response, socket, first) => {
          if (first.length > 0) socket.unshift(first);
          settle({ response, socket });
        });
      }
      // Stays after the response: an error of the socket then also reaches the body's reader.
      outgoing.on('error', (error) => {
        clearTimeout(this.#timer);
        reject(this.#faultOf(error));
      });
    });
  }

  #faultOf(error: Error): ClusterClientError {
    const isCut = this.#isConnected && systemCodeOf(error) === 'ECONNRESET';
    const fault = ClusterClientError.from(error, isCut ? 'interrupted' : 'unreachable');
    return this.#isConnected ? fault.ofRequestSent() : fault;
  }

  /** Nothing of the request goes out before the connection is made, TLS included. */
  #awaitConnection(socket: Socket): void {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    const connected = (): void => {
      this.#isConnected = true;
      clearTimeout(this.#timer);
      const { upgrade, body, lengthBytes, headersTimeoutMs } = this.#request;
      this.#limit(headersTimeoutMs);
      // Not before: of a body that is not sent nothing must be taken.
      if (upgrade !== '' || body === undefined || body instanceof Uint8Array) return;
      void pumpBody(this.#outgoing, { chunks: body, lengthBytes });
    };
    const isSecuring = socket instanceof TLSSocket && isHandshaking(socket);
    if (isSecuring) socket.once('secureConnect', connected);
    else if (socket.connecting) socket.once('connect', connected);
    else connected();
  }

  #limit(timeoutMs: number): void {
    if (timeoutMs === 0) return;
    const giveUp = (): void => void this.#outgoing.destroy(headersTimeoutError(timeoutMs));
    this.#timer = setTimeout(giveUp, timeoutMs);
  }

  #endWithSignal(): void {
    const { signal } = this.#request;
    const abort = (): void => void this.#outgoing.destroy(abortedError());
    signal.addEventListener('abort', abort, { once: true });
    this.#outgoing.once('close', () => signal.removeEventListener('abort', abort));
  }
}

/** Node has the field since 8.0 and does not name it in its types. */
function isHandshaking(socket: TLSSocket): boolean {
  return (socket as TLSSocket & { readonly secureConnecting?: boolean }).secureConnecting === true;
}

/** How the body's end is told, and what the connection is to become. */
function framingOf({ upgrade, body, lengthBytes, method }: LiveSend): Record<string, string> {
  if (upgrade !== '') return { connection: 'Upgrade', upgrade };
  if (body instanceof Uint8Array) return { 'content-length': String(body.length) };
  if (body === undefined) return /^(POST|PUT|PATCH)$/.test(method) ? { 'content-length': '0' } : {};
  return lengthBytes === undefined
    ? { 'transfer-encoding': 'chunked' }
    : { 'content-length': String(lengthBytes) };
}

function sendOn(socket: Duplex, body: LiveSend['body']): void {
  if (body === undefined) socket.end();
  else if (body instanceof Uint8Array) socket.end(body);
  else void pumpBody(socket, { chunks: body, lengthBytes: undefined });
}

/** Repeated headers apart; names in lower case. */
function headersOf(response: IncomingMessage): Record<string, string | readonly string[]> {
  return response.headers as Record<string, string | readonly string[]>;
}

function ignoreSocketError(): void {
  // The reader of the body has been told.
}
