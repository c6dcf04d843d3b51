import { createHash, X509Certificate } from 'node:crypto';
import type { RequestListener, ServerResponse } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { clusterClientFromKubeconfig, clusterClientFromServiceAccount } from '../src/index.ts';
import {
  pem,
  pemPath,
  startApiServer,
  startProxy,
  temporaryFolder,
  writeKubeconfig,
  type Scheme,
} from './api-server.ts';
import { failureOf, get, rig, type Rig, type RigOptions } from './rig.ts';

const authorization: RequestListener = (request, response) =>
  response.end(request.headers.authorization ?? 'none');

describe.each(['https', 'h2'] as const)('a request over %s', (scheme) => {
  const open = (handler: RequestListener, options: RigOptions = {}): Promise<Rig> =>
    rig(handler, { scheme, ...options });

  it('sends method, path, query, headers and body, and hands any status on', async () => {
    const seen: unknown[] = [];
    await using it = await open((request, response) => {
      const { method, url, headers } = request;
      seen.push({ method, url, accept: headers.accept, patch: headers['content-type'] });
      request.pipe(response.writeHead(409, { 'x-multi': ['a', 'b'] }));
    });

    const response = await it.client.request({
      method: 'PATCH',
      path: '/apis/apps/v1/namespaces/a%20b/deployments/x',
      query: { fieldManager: 'a&b', limit: '5' },
      headers: { 'Content-Type': 'application/merge-patch+json' },
      body: '{"ü":1}',
    });

    expect(await response.text()).toBe('{"ü":1}');
    expect(response.status).toBe(409);
    expect(response.headers['x-multi']).toBe('a, b');
    expect(seen).toEqual([
      {
        method: 'PATCH',
        url: '/apis/apps/v1/namespaces/a%20b/deployments/x?fieldManager=a%26b&limit=5',
        accept: 'application/json',
        patch: 'application/merge-patch+json',
      },
    ]);
  });

  it('puts the path of the server address before every path', async () => {
    await using it = await open((request, response) => response.end(request.url));
    const kubeconfigFile = await writeKubeconfig(it.folder, {
      cluster: {
        server: `${it.server.url}/k8s/clusters/c-1/`,
        'certificate-authority': pemPath('ca'),
      },
    });

    const client = await clusterClientFromKubeconfig({ kubeconfigFile });

    expect(await get(client, '/version')).toBe('/k8s/clusters/c-1/version');
    client.close();
  });

  it('uses one connection for requests that follow one another', async () => {
    await using it = await open((_, response) => response.end('ok'));

    for (let i = 0; i < 5; i += 1) await get(it.client);

    expect(it.server.connections()).toBe(1);
  });

  it('sends a request without effects once more when a kept connection turns out closed', async () => {
    let answers = 0;
    await using it = await open(
      (request, response) => {
        answers += 1;
        if (answers === 2) request.socket.resetAndDestroy();
        else response.end(`answer ${answers}`);
      },
      { scheme: 'http' },
    );
    await get(it.client);

    expect(await get(it.client)).toBe('answer 3');
  });

  it('does not ask for compression unless told to', async () => {
    await using it = await open((request, response) =>
      response.end(String(request.headers['accept-encoding'])),
    );

    expect(await get(it.client)).toBe('undefined');
  });

  it('asks for gzip and unpacks it when told to', async () => {
    await using it = await open(
      (request, response) => {
        response.setHeader('content-encoding', 'gzip');
        response.end(gzipSync(`asked for ${String(request.headers['accept-encoding'])}`));
      },
      { client: { gzip: 'ask' } },
    );

    expect(await get(it.client)).toBe('asked for gzip');
  });
});

describe.each(['https', 'h2'] as const)('a body over %s', (scheme) => {
  const open = (handler: RequestListener, options: RigOptions = {}): Promise<Rig> =>
    rig(handler, { scheme, ...options });

  it('hands chunks on as they arrive', async () => {
    let answer: ServerResponse | undefined;
    await using it = await open((_, response) => {
      answer = response;
      response.write('one');
    });
    const response = await it.client.request({ path: '/watch' });
    const chunks = response.body[Symbol.asyncIterator]();

    const first = await chunks.next();
    answer?.write('two');
    const second = await chunks.next();

    expect([String(first.value), String(second.value)]).toEqual(['one', 'two']);
    await chunks.return?.();
  });

  it('stops the sender while nobody pulls', async () => {
    const chunk = Buffer.alloc(64 * 1024);
    let sent = 0;
    let isFull: (() => void) | undefined;
    const full = new Promise<void>((resolve) => (isFull = resolve));
    await using it = await open(
      (_, response) => {
        const send = (): void => {
          while (response.write(chunk)) sent += chunk.length;
          sent += chunk.length;
          isFull?.();
          response.once('drain', send);
        };
        send();
      },
      { scheme: 'http' },
    );

    const response = await it.client.request({ path: '/endless' });
    await full;
    let settled = sent;
    do {
      settled = sent;
      await new Promise((resolve) => setImmediate(resolve));
    } while (settled !== sent);

    expect(sent).toBeLessThan(16 * 1024 * 1024);
    const chunks = response.body[Symbol.asyncIterator]();
    await chunks.next();
    await chunks.return?.();
  });

  it('closes the connection when the reader leaves early', async () => {
    let closed: (() => void) | undefined;
    const hasClosed = new Promise<void>((resolve) => (closed = resolve));
    await using it = await open((_, response) => {
      response.once('close', () => closed?.());
      response.write('line\n');
    });

    const response = await it.client.request({ path: '/watch' });
    for await (const _ of response.body) break;

    await expect(hasClosed).resolves.toBeUndefined();
  });

  it('tells a broken connection as interrupted', async () => {
    await using it = await open((_, response) => {
      response.write('half');
      setImmediate(() => it.server.cut());
    });
    const response = await it.client.request({ path: '/watch' });

    const failure = await failureOf(response.text());

    expect(failure.code).toBe('interrupted');
  });

  it('tells an abort as aborted, before and in the body', async () => {
    await using it = await open((_, response) => response.write('half'));
    const during = new AbortController();
    const response = await it.client.request({ path: '/watch', signal: during.signal });
    const reading = failureOf(response.text());
    during.abort();

    expect((await reading).code).toBe('aborted');
    const before = await failureOf(
      it.client.request({ path: '/watch', signal: AbortSignal.abort() }),
    );
    expect(before.code).toBe('aborted');
  });

  it('tells an abort between headers and body as aborted', async () => {
    await using it = await open((_, response) => response.write('half'));
    const controller = new AbortController();
    const response = await it.client.request({ path: '/watch', signal: controller.signal });

    controller.abort();
    await new Promise((resolve) => setImmediate(resolve));

    expect((await failureOf(response.text())).code).toBe('aborted');
  });

  it('refuses a text beyond the limit', async () => {
    await using it = await open((_, response) => response.end('x'.repeat(1001)));
    const response = await it.client.request({ path: '/x' });

    expect((await failureOf(response.text(1000))).code).toBe('tooLarge');
  });
});

describe.each(['https', 'h2'] as const)('a connection over %s that cannot be made', (scheme) => {
  const open = (handler: RequestListener, options: RigOptions = {}): Promise<Rig> =>
    rig(handler, { scheme, ...options });

  it('is unreachable when nobody listens', async () => {
    const it = await open((_, response) => response.end());
    await it.server[Symbol.asyncDispose]();

    const failure = await failureOf(get(it.client));

    expect(failure).toMatchObject({ code: 'unreachable', systemCode: 'ECONNREFUSED' });
    await it[Symbol.asyncDispose]();
  });

  it('is a tls failure when another CA signed the certificate', async () => {
    await using it = await open((_, response) => response.end(), {
      cluster: { 'certificate-authority': pemPath('other-ca') },
    });

    expect((await failureOf(get(it.client))).code).toBe('tls');
  });

  it('is a tls failure when the certificate is for another name', async () => {
    await using it = await open((_, response) => response.end(), {
      cluster: { 'tls-server-name': 'somebody.else' },
    });

    expect((await failureOf(get(it.client))).code).toBe('tls');
  });

  it('is made all the same when the account says not to check', async () => {
    await using it = await open((_, response) => response.end('ok'), {
      cluster: { 'certificate-authority': pemPath('other-ca') },
      client: { insecure: true },
    });

    expect(await get(it.client)).toBe('ok');
  });

  it('times out when no headers come', async () => {
    await using it = await open(() => undefined, { client: { headersTimeoutMs: 50 } });

    expect((await failureOf(get(it.client))).code).toBe('timeout');
  });

  it('is a protocol failure when the peer does not speak HTTP', async () => {
    await using it = await open((request) => request.socket.end('hello\r\n\r\n'), {
      scheme: 'http',
    });

    expect((await failureOf(get(it.client))).code).toBe('protocol');
  });

  it('is closed after close, also for requests under way', async () => {
    await using it = await open(() => it2?.client.close());
    const it2: Rig | undefined = it;

    expect((await failureOf(get(it.client))).code).toBe('closed');
    expect((await failureOf(get(it.client))).code).toBe('closed');
  });
});

describe('a proxy of the kubeconfig', () => {
  // The library that knows proxies is loaded with the first one: seconds where nothing is cached.
  beforeAll(() => import('@kubernetes/client-node'), 60_000);

  it.each(['http', 'https'] as const)('leads every request to an %s server', async (scheme) => {
    await using proxy = await startProxy();
    await using it = await rig((_, response) => response.end('ok'), {
      scheme,
      cluster: { 'proxy-url': proxy.url },
    });

    expect(await get(it.client)).toBe('ok');
    expect(proxy.targets).toEqual([new URL(it.server.url).host]);
  });
});

describe.each(['https', 'h2'] as const)('credentials of a kubeconfig over %s', (scheme) => {
  const open = (handler: RequestListener, options: RigOptions = {}): Promise<Rig> =>
    rig(handler, { scheme, ...options });

  it('sends a token', async () => {
    await using it = await open(authorization, { user: { token: 'abc' } });

    expect(await get(it.client)).toBe('Bearer abc');
  });

  it('sends name and password', async () => {
    await using it = await open(authorization, { user: { username: 'u', password: 'p' } });

    expect(await get(it.client)).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
  });

  it('shows a client certificate, and the new one after it was rotated', async () => {
    await using it = await certificateRig(scheme);
    expect(await get(it.client)).toBe('client one');

    await putCertificate(it.folder, 'second-client');
    await it.client.reloadCredentials();

    expect(await get(it.client)).toBe('client two');
  });

  it('re-reads a token file after a minute, and at once when asked to', async () => {
    const folder = await temporaryFolder();
    const tokenFile = join(folder.path, 'token');
    await writeFile(tokenFile, 'one\n');
    await using it = await open(authorization, { user: { tokenFile } });
    expect(await get(it.client)).toBe('Bearer one');

    await writeFile(tokenFile, 'two\n');
    expect(await get(it.client)).toBe('Bearer one');
    it.advance(60_000);
    expect(await get(it.client)).toBe('Bearer two');
    await writeFile(tokenFile, 'three\n');
    await it.client.reloadCredentials();
    expect(await get(it.client)).toBe('Bearer three');
    await folder[Symbol.asyncDispose]();
  });

  it('goes on with the last good token while its file is away, and says so on reload', async () => {
    const folder = await temporaryFolder();
    const tokenFile = join(folder.path, 'token');
    await writeFile(tokenFile, 'one');
    await using it = await open(authorization, { user: { tokenFile } });
    await folder[Symbol.asyncDispose]();
    it.advance(60_000);

    expect(await get(it.client)).toBe('Bearer one');
    const failure = await failureOf(it.client.reloadCredentials());
    expect(failure).toMatchObject({ code: 'credentials', file: tokenFile });
  });

  it('runs an exec plugin once for many requests and again when its token has expired', async () => {
    const script = `
      const fs = require('node:fs');
      fs.appendFileSync(process.env.COUNT_FILE, 'x');
      const runs = fs.readFileSync(process.env.COUNT_FILE, 'utf8').length;
      const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
      console.log(JSON.stringify({ kind: 'ExecCredential', apiVersion: info.apiVersion, status: {
        token: 'run-' + runs, expirationTimestamp: new Date(100000).toISOString() } }));`;
    const folder = await temporaryFolder();
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: process.execPath,
      args: ['-e', script],
      env: [{ name: 'COUNT_FILE', value: join(folder.path, 'count') }],
    };
    await using it = await open(authorization, { user: { exec } });

    expect(await Promise.all([get(it.client), get(it.client)])).toEqual([
      'Bearer run-1',
      'Bearer run-1',
    ]);
    it.advance(60_000);
    expect(await get(it.client)).toBe('Bearer run-1');
    it.advance(60_000);
    expect(await get(it.client)).toBe('Bearer run-2');
    await folder[Symbol.asyncDispose]();
  });

  it('keeps what an exec plugin prints out of every message', async () => {
    const folder = await temporaryFolder();
    const exec = {
      command: process.execPath,
      args: ['-e', `console.log('{"hunter2'); console.error('hunter2'); process.exit(3)`],
    };
    const kubeconfigFile = await writeKubeconfig(folder.path, {
      cluster: { server: 'https://127.0.0.1:1' },
      user: { exec },
    });

    const failure = await failureOf(clusterClientFromKubeconfig({ kubeconfigFile }));

    expect(failure.code).toBe('credentials');
    expect(failure.message).toContain('exited 3');
    expect(JSON.stringify(failure) + String(failure.stack)).not.toContain("hunter2'");
    expect(failure.cause).toBeUndefined();
    await folder[Symbol.asyncDispose]();
  });
});

async function putCertificate(folder: string, name: string): Promise<void> {
  await writeFile(join(folder, 'client.pem'), pem(name));
  await writeFile(join(folder, 'client.key.pem'), pem(`${name}.key`));
}

/** The same with the certificate's files in place, which the client reads when it is made. */
async function certificateRig(scheme: Scheme): Promise<Rig> {
  const stack = new AsyncDisposableStack();
  const folder = stack.use(await temporaryFolder()).path;
  await putCertificate(folder, 'client');
  const server = stack.use(
    await startApiServer(scheme, (request, response) => {
      const socket = request.socket as unknown as TLSSocket;
      response.end(String(socket.getPeerCertificate().subject.CN));
    }),
  );
  const kubeconfigFile = await writeKubeconfig(folder, {
    cluster: { server: server.url, 'certificate-authority': pemPath('ca') },
    user: { 'client-certificate': 'client.pem', 'client-key': 'client.key.pem' },
  });
  const client = await clusterClientFromKubeconfig({ kubeconfigFile });
  stack.defer(() => client.close());
  return {
    client,
    server,
    folder,
    kubeconfigFile,
    advance: () => undefined,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

describe('clusterClientFromServiceAccount', () => {
  it('uses token and CA of the folder', async () => {
    await using folder = await temporaryFolder();
    await using server = await startApiServer('https', authorization);
    await writeFile(join(folder.path, 'token'), 'pod-token\n');
    await writeFile(join(folder.path, 'ca.crt'), pem('ca'));

    const client = await clusterClientFromServiceAccount({
      server: server.url,
      folder: folder.path,
    });

    expect(await get(client)).toBe('Bearer pod-token');
    client.close();
  });

  it('says that this is no pod when there is no token', async () => {
    const failure = await failureOf(
      clusterClientFromServiceAccount({ server: 'https://127.0.0.1:1', folder: '/nowhere' }),
    );

    expect(failure).toMatchObject({ code: 'credentials', file: '/nowhere/token' });
  });
});

describe('identify', () => {
  const cluster =
    (namespace: { status: number; body: object }): RequestListener =>
    (request, response) => {
      if (request.url === '/version') {
        response.end(JSON.stringify({ gitVersion: 'v1.33.1' }));
        return;
      }
      response.statusCode = namespace.status;
      response.end(JSON.stringify(namespace.body));
    };

  it('tells version, uid and the fingerprint of the serving certificate', async () => {
    await using it = await rig(cluster({ status: 200, body: { metadata: { uid: 'u-1' } } }));
    const der = new X509Certificate(pem('server')).raw;

    expect(await it.client.identify()).toEqual({
      server: it.server.url,
      version: 'v1.33.1',
      uid: 'u-1',
      certificateFingerprint: createHash('sha256').update(der).digest('hex'),
    });
  });

  it.each([403, 404])('leaves the uid empty when the namespace answers %d', async (status) => {
    await using it = await rig(cluster({ status, body: {} }));

    expect((await it.client.identify()).uid).toBe('');
  });

  it('leaves the fingerprint empty over plain HTTP', async () => {
    await using it = await rig(cluster({ status: 404, body: {} }), { scheme: 'http' });

    expect((await it.client.identify()).certificateFingerprint).toBe('');
  });

  it('fails when the version is refused', async () => {
    await using it = await rig((_, response) => response.writeHead(401).end());

    expect(await failureOf(it.client.identify())).toMatchObject({ code: 'refused', status: 401 });
  });
});
