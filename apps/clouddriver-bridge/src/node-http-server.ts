/**
 * The server under the HTTP port: what is the gateway's goes there as it came, the rest to the API.
 * Whoever is too slow, too long-winded or not understood loses that connection alone.
 */
import type { IncomingMessage, RequestListener, Server, ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { isGatewayUrl } from './gateway/gateway-path.ts';
import { type GatewayFront } from './gateway/node-gateway-front.ts';
import { createServer } from './node-http.ts';

/** Why a connection was ended from this side. */
export type HttpRefusal = 'tls' | 'slow' | 'headerSize' | 'malformed';

/** What the server is made of. */
export interface PortOptions {
  /** Answers what is not the gateway's. */
  readonly api: RequestListener;
  readonly front: Pick<GatewayFront, 'answer' | 'switch'>;
  /** Serve HTTPS with these. */
  readonly tls: TlsOptions | undefined;
  /** A connection was ended; for metrics. */
  readonly refused: (reason: HttpRefusal) => void;
}

/**
 * Longest wait for the head of a request, in milliseconds, from the connection's first moment on: slow
 * ones must not hold sockets.
 */
const headersTimeoutMs = 10_000;
/** How often that is looked at, in milliseconds. */
const lookMs = 2000;
/** Longest wait for the body of a request to the API, in milliseconds; the gateway's may stream. */
const apiBodyTimeoutMs = 10_000;
/** Largest head of a request, in bytes: tokens with many groups have up to 8 KiB, twice. */
const maxHeaderBytes = 32 * 1024;

/**
 * A connection without requests is kept so long, in milliseconds: longer than kube clients and load
 * balancers keep theirs (60 to 90 s), so that none is closed just as a request is sent.
 */
const keepAliveTimeoutMs = 100_000;

/** Protocols that Kubernetes switches to, in small letters. */
const switches: ReadonlySet<string> = new Set(['websocket', 'spdy/3.1']);

function isSwitch(protocol: string | undefined): boolean {
  return switches.has(protocol?.toLowerCase() ?? '');
}

/** Makes the server; it does not listen yet. */
export function createPort({ api, front, tls, refused }: PortOptions): Server {
  const options: ServerOptions = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: lookMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    maxHeaderSize: maxHeaderBytes,
    // Bodies of the gateway may take long; those of the API are looked after below.
    requestTimeout: 0,
    // Java's HTTP client offers h2c with its first request, which is answered in HTTP/1.1 then.
    shouldUpgradeCallback: ({ url, headers }) =>
      isGatewayUrl(url ?? '') && isSwitch(headers.upgrade),
  };
  const listener: RequestListener = (request, response) => {
    if (isGatewayUrl(request.url ?? '')) {
      void front.answer(request, response);
      return;
    }
    limitBodyTime(request, () => refused('slow'));
    api(request, response);
  };
  const server =
    tls === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, ...tls }, listener);
  server.on('upgrade', (request, socket, first) => {
    // From here on nobody else listens: a reset would end the process.
    socket.on('error', () => socket.destroy());
    void front.switch(request, socket, first);
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const { reason, status } = clientErrors[error.code ?? ''] ?? malformed;
    // A client that has gone did nothing wrong.
    if (error.code !== 'ECONNRESET') refused(reason);
    if (!socket.writable) socket.destroy();
    else socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\n\r\n`, () => socket.destroy());
  });
  server.on('tlsClientError', () => refused('tls'));
  return server;
}

const malformed = { reason: 'malformed', status: '400 Bad Request' } as const;

/** What Node.js finds wrong with a connection, by its error codes. */
const clientErrors: Readonly<
  Record<string, { readonly reason: HttpRefusal; readonly status: string }>
> = {
  ERR_HTTP_REQUEST_TIMEOUT: { reason: 'slow', status: '408 Request Timeout' },
  HPE_HEADER_OVERFLOW: { reason: 'headerSize', status: '431 Request Header Fields Too Large' },
};

/** Ends the connection of a request whose body does not end. */
function limitBodyTime(request: IncomingMessage, onLate: () => void): void {
  const timer = setTimeout(() => {
    onLate();
    request.destroy();
  }, apiBodyTimeoutMs);
  const done = (): void => clearTimeout(timer);
  request.once('end', done).once('close', done);
}
