/** The server under the HTTP port: what is the gateway's goes there as it came, the rest to the API. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isGatewayUrl } from './gateway/gateway-path.ts';
import { type GatewayFront } from './gateway/node-gateway-front.ts';

/** What the server is made of. */
export interface PortOptions {
  /** Answers what is not the gateway's. */
  readonly api: RequestListener;
  readonly front: Pick<GatewayFront, 'answer' | 'switch'>;
  /** Serve HTTPS with these. */
  readonly tls: { readonly cert: Buffer; readonly key: Buffer } | undefined;
}

/** Longest wait for the head of a request, in milliseconds: slow ones must not hold sockets. */
const headersTimeoutMs = 30_000;

/**
 * A connection without requests is kept so long, in milliseconds: longer than kube clients and load
 * balancers keep theirs (60 to 90 s), so that none is closed just as a request is sent.
 */
const keepAliveTimeoutMs = 100_000;

/** Makes the server; it does not listen yet. */
export function createPort({ api, front, tls }: PortOptions): Server {
  const options = {
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    // Bodies of the gateway may take long; the API limits its own by size.
    requestTimeout: 0,
  };
  const listener: RequestListener = (request, response) => {
    if (isGatewayUrl(request.url ?? '')) void front.answer(request, response);
    else api(request, response);
  };
  const server =
    tls === undefined
      ? createServer(options, listener)
      : createTlsServer({ ...options, ...tls, minVersion: 'TLSv1.2' }, listener);
  server.on('upgrade', (request, socket, first) => {
    if (isGatewayUrl(request.url ?? '')) void front.switch(request, socket, first);
    else socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  });
  return server;
}
