/**
 * A small HTTP server for probes, metrics and admin pages: a table of GET routes on `node:http`.
 * An app with a real API uses its own framework; this one is for ports that serve a handful of pages.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer } from './node-http.ts';

/** What a route answers. */
export interface HttpReply {
  /** HTTP status code. */
  readonly status: number;
  /** Media type of `body`. */
  readonly contentType: string;
  /** The body. */
  readonly body: string;
}

/** One GET route; HEAD is answered from it. */
export interface HttpRoute {
  /** Exact path. */
  readonly path: string;
  /** Makes the answer; a fault becomes a 500 without its message. */
  readonly handle: (query: URLSearchParams) => HttpReply | Promise<HttpReply>;
}

/** Options of {@link startHttpServer}. */
export interface HttpServerOptions {
  /** Address to bind. */
  readonly host: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /** The pages. */
  readonly routes: readonly HttpRoute[];
  /** Serve HTTPS with these. @defaultValue plain HTTP */
  readonly tls?: ServerOptions;
  /** Faults of routes. @defaultValue dropped */
  readonly onError?: (error: unknown, path: string) => void;
}

/** A server that listens. */
export interface RunningHttpServer {
  /** Address it is bound to. */
  readonly host: string;
  /** Port it is bound to. */
  readonly port: number;
  /** Stops listening and ends open connections. */
  close(): Promise<void>;
}

/** A JSON answer. */
export function jsonReply(value: unknown, status = 200): HttpReply {
  return { status, contentType: 'application/json', body: JSON.stringify(value) };
}

/** Binds and serves; rejects when the address cannot be bound. */
export async function startHttpServer(options: HttpServerOptions): Promise<RunningHttpServer> {
  const routes = new Map(options.routes.map((route) => [route.path, route]));
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void answer(routes, request, options.onError).then((reply) => send(request, response, reply));
  };
  const server =
    options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener);
  await listen(server, options);
  const address = server.address() as AddressInfo;
  return {
    host: address.address,
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: HttpServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function answer(
  routes: ReadonlyMap<string, HttpRoute>,
  request: IncomingMessage,
  onError: HttpServerOptions['onError'],
): Promise<HttpReply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return jsonReply({ error: 'only GET is served here' }, 405);
  }
  let path = '';
  try {
    const url = new URL(request.url ?? '/', 'http://localhost');
    path = url.pathname;
    const route = routes.get(path);
    if (route !== undefined) return await route.handle(url.searchParams);
    return jsonReply({ error: 'not found', paths: [...routes.keys()] }, 404);
  } catch (error: unknown) {
    onError?.(error, path);
    return jsonReply({ error: 'internal error' }, 500);
  }
}

function send(request: IncomingMessage, response: ServerResponse, reply: HttpReply): void {
  const body = Buffer.from(reply.body);
  response.writeHead(reply.status, {
    'content-type': reply.contentType,
    'content-length': body.length,
    'cache-control': 'no-store',
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}
