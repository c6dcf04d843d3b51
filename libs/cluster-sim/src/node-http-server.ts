// Brings simulated API servers onto real ports: one HTTP server for one cluster, or one for many
// with a path prefix each.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { constants, createSecureServer, Http2ServerResponse } from 'node:http2';
import { type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { type ApiRequest } from './api-server.ts';
import { type ResponseSink } from './response-sink.ts';

/** Answers one request; must not reject. */
export type AnswerFunction = (request: ApiRequest, sink: ResponseSink) => Promise<void>;

/** Who answers a path, and the prefix of the path that is not for them. */
export type FindAnswer = (path: string) => { prefix: string; answer: AnswerFunction } | undefined;

/** A listening server. */
export interface ListeningServer {
  /** The port it listens on. */
  readonly port: number;
  /** Cuts every connection and refuses new ones until `resume`. */
  pause(): Promise<void>;
  /** Listens again, on the same port. */
  resume(): Promise<void>;
  /** Stops listening and cuts every connection. */
  stop(): Promise<void>;
}

/** Bytes that a socket takes before `write` says to wait. */
const SOCKET_BUFFER_BYTES = 256 * 1024;

/** `--http2-max-streams-per-connection` of kube-apiserver is left to Go's HTTP/2 server: 250. */
const MAX_STREAMS = 250;

/** Listens on a loopback address; port 0 takes any free one. */
export async function listenHttp(options: {
  readonly host: string;
  readonly port: number;
  /** Certificate and key (PEM) to serve TLS with; undefined for plain HTTP. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
  /** The answering function of a path prefix ('' for all paths); undefined when there is none. */
  readonly find: FindAnswer;
}): Promise<ListeningServer> {
  const connectionOf = connectionCounter();
  const serve = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const url = new URL(incoming.url ?? '/', 'http://simulated');
    const found = options.find(url.pathname);
    if (found === undefined) {
      outgoing.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
      return;
    }
    const path = url.pathname.slice(found.prefix.length) || '/';
    const { searchParams: query } = url;
    const request = apiRequest(incoming, { path, query, connection: connectionOf(incoming) });
    void found.answer(request, responseSink(outgoing));
  };
  const server = options.tls === undefined ? plainServer(serve) : secureServer(serve, options.tls);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await listen(server, options);
  const { port } = server.address() as AddressInfo;
  return {
    port,
    pause: () => stop(server, sockets),
    resume: () => listen(server, { host: options.host, port }),
    stop: () => stop(server, sockets),
  };
}

function plainServer(serve: RequestListener): NetServer {
  const server = createServer({ highWaterMark: SOCKET_BUFFER_BYTES }, serve);
  // Watches stay open for an hour, and clients may hold idle connections between two lists.
  server.requestTimeout = 0;
  server.keepAliveTimeout = 90_000;
  return server;
}

/** As kube-apiserver: HTTP/2 to those who offer it (ALPN), HTTP/1.1 to the others. */
function secureServer(serve: RequestListener, tls: { cert: string; key: string }): NetServer {
  const settings = { maxConcurrentStreams: MAX_STREAMS };
  const server = createSecureServer({ ...tls, allowHTTP1: true, settings });
  // The compatibility API is all that is used of either.
  return server.on('request', serve as never);
}

function listen(server: NetServer, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stop(server: NetServer, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

/** Connections in the order of their first requests. */
function connectionCounter(): (incoming: IncomingMessage) => number {
  const numbers = new WeakMap<object, number>();
  let count = 0;
  return ({ socket }) => {
    const number = numbers.get(socket) ?? count++;
    numbers.set(socket, number);
    return number;
  };
}

function apiRequest(
  incoming: IncomingMessage,
  { path, query, connection }: { path: string; query: URLSearchParams; connection: number },
): ApiRequest {
  return {
    method: incoming.method ?? 'GET',
    path,
    query,
    headers: incoming.headers as Record<string, string | undefined>,
    connection,
    body: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    },
  };
}

/** The compatibility API has the methods of HTTP/1.1 that are used here, and is typed apart. */
type Outgoing = ServerResponse | Http2ServerResponse;

function responseSink(outgoing: ServerResponse): ResponseSink {
  const closing = new AbortController();
  outgoing.once('close', () => closing.abort());
  return {
    closed: closing.signal,
    start(status, headers) {
      outgoing.writeHead(status, headers);
      outgoing.flushHeaders();
    },
    write: (bytes) => outgoing.write(bytes),
    drained: () => drained(outgoing, closing.signal),
    end: () => void outgoing.end(),
    destroy: () => cut(outgoing),
    breakOff: (chunk) => breakOff(outgoing, chunk),
  };
}

/** Cuts the connection; of HTTP/2, which others share, the stream. */
function cut(outgoing: Outgoing): void {
  if (isHttp2(outgoing)) outgoing.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else outgoing.destroy();
}

/** Half a chunk is written past Node's own encoding, which would not announce what does not come. */
function breakOff(outgoing: Outgoing, chunk: Uint8Array = new Uint8Array()): void {
  const half = chunk.subarray(0, chunk.length >> 1);
  if (isHttp2(outgoing)) {
    outgoing.stream.write(half, () => cut(outgoing));
    return;
  }
  const { socket } = outgoing;
  if (chunk.length > 0) {
    socket?.write(`${chunk.length.toString(16)}\r\n`);
    socket?.write(half);
  }
  socket?.destroySoon();
}

function isHttp2(outgoing: Outgoing): outgoing is Http2ServerResponse {
  return outgoing instanceof Http2ServerResponse;
}

function drained(outgoing: ServerResponse, closed: AbortSignal): Promise<void> {
  if (closed.aborted || !outgoing.writableNeedDrain) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off('drain', done);
      closed.removeEventListener('abort', done);
      resolve();
    };
    outgoing.once('drain', done);
    closed.addEventListener('abort', done, { once: true });
  });
}
