/** A small API server of one's own for tests: plain or TLS, on loopback, with a handler per test. */
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { connect, type AddressInfo } from 'node:net';
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

/** A running server. */
export interface TestApiServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** Connections made so far. */
  connections(): number;
  /** Cuts every connection. */
  cut(): void;
}

/** Starts a server that answers with `handler`. */
export async function startApiServer(
  scheme: 'http' | 'https',
  handler: RequestListener,
): Promise<TestApiServer> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    handler(request, response);
  };
  const server: Server =
    scheme === 'http'
      ? createHttpServer(listener)
      : createHttpsServer(
          {
            key: pem('server.key'),
            cert: pem('server'),
            ca: pem('ca'),
            requestCert: true,
            rejectUnauthorized: false,
          },
          listener,
        );
  let connections = 0;
  server.on(scheme === 'http' ? 'connection' : 'secureConnection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    cut: () => server.closeAllConnections(),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
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
