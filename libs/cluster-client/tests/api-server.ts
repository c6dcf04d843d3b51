/** A small API server of one's own for tests: plain or TLS, on loopback, with a handler per test. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createSecureServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import {
  connect,
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CERTIFICATES = join(__dirname, 'certificates');

/** Text of one of the test certificates or keys. */
export function pem(name: string): string {
  return readFileSync(join(CERTIFICATES, `${name}.pem`), 'utf8');
}

/** Path of one of them. */
export function pemPath(name: string): string {
  return join(CERTIFICATES, `${name}.pem`);
}

/** What a server speaks; `h2` also HTTP/1.1 to those who do not ask for it. */
export type Scheme = 'http' | 'https' | 'h2';

/** Takes over a connection whose client asked for an upgrade. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex) => void;

/** A running server. */
export interface TestApiServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** Connections made so far. */
  connections(): number;
  /** Cuts every connection. */
  cut(): void;
  /** The HTTP/2 sessions that are open, oldest first. */
  readonly sessions: ReadonlySet<ServerHttp2Session>;
}

/** Starts a server that answers with `handler`. */
export async function startApiServer(
  scheme: Scheme,
  handler: RequestListener,
  options: { readonly maxStreams?: number; readonly onUpgrade?: UpgradeListener } = {},
): Promise<TestApiServer> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    handler(request, response);
  };
  const server = createServer(scheme, listener, options.maxStreams ?? 100);
  if (options.onUpgrade !== undefined) server.on('upgrade', options.onUpgrade);
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  let connections = 0;
  server.on(scheme === 'http' ? 'connection' : 'secureConnection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.on('error', () => undefined).on('close', () => sessions.delete(session));
  });
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme === 'http' ? 'http' : 'https'}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    cut,
    sessions,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

function createServer(scheme: Scheme, listener: RequestListener, maxStreams: number): Server {
  if (scheme === 'http') return createHttpServer(listener);
  const tls = {
    key: pem('server.key'),
    cert: pem('server'),
    ca: pem('ca'),
    requestCert: true,
    rejectUnauthorized: false,
  };
  if (scheme === 'https') return createHttpsServer(tls, listener);
  const settings = { maxConcurrentStreams: maxStreams };
  const server = createHttp2Server({ ...tls, settings, allowHTTP1: true });
  // The compatibility API is close enough to HTTP/1.1's for these handlers.
  return server.on('request', listener as never);
}

/** A folder that is removed with the test. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'cluster-client-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/** Writes a kubeconfig with one context `main` and gives its path. */
export async function writeKubeconfig(
  folder: string,
  content: { readonly cluster: object; readonly user?: object; readonly name?: string },
): Promise<string> {
  const file = join(folder, content.name ?? 'kubeconfig.yaml');
  const document = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster: content.cluster }],
    users: [{ name: 'user', user: content.user ?? {} }],
    contexts: [{ name: 'main', context: { cluster: 'cluster', user: 'user' } }],
    'current-context': 'main',
  };
  await writeFile(file, JSON.stringify(document));
  return file;
}

/** A way to a server that can be made to swallow everything, with its connections open. */
export async function startBlackhole(
  url: string,
): Promise<AsyncDisposable & { readonly url: string; swallow(): void }> {
  const sockets: Socket[] = [];
  let isSwallowing = false;
  const server = createTcpServer((client) => {
    const target = connect(Number(new URL(url).port), '127.0.0.1');
    for (const [from, to] of [
      [client, target],
      [target, client],
    ] as const) {
      sockets.push(from);
      from.on('data', (data) => isSwallowing || to.write(data));
      from.on('error', () => undefined).on('close', () => to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    swallow: () => (isSwallowing = true),
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** A forward proxy that knows CONNECT, and where it was asked to lead. */
export async function startProxy(): Promise<
  AsyncDisposable & { readonly url: string; readonly targets: readonly string[] }
> {
  const targets: string[] = [];
  const server = createHttpServer();
  server.on('connect', (request, client) => {
    const { hostname, port, host } = new URL(`http://${request.url ?? ''}`);
    targets.push(host);
    const target = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
    client.on('close', () => target.destroy());
    target.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    targets,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
