/** The HTTP port and those who mean it no good, or no longer: real sockets, real TLS. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';

const certs = join(__dirname, 'certs');
const clients = `
auth:
  clients:
    - { token: reader-token, name: reader, accounts: ["a-*"] }
    - { token: writer-token, name: writer, access: write }
`;
let directory: string;
let bridge: BridgeUnderTest;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
});

afterEach(async () => {
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

/** A connection that is told what to send, and keeps what it hears. */
function rawClient(socket: Socket): { readonly closed: Promise<string>; readonly socket: Socket } {
  let heard = '';
  socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')));
  socket.on('error', () => undefined);
  return { socket, closed: new Promise((resolve) => socket.on('close', () => resolve(heard))) };
}

function dial(): ReturnType<typeof rawClient> {
  return rawClient(connectTcp(bridge.httpPort, '127.0.0.1'));
}

/** Sends a byte each second until the other side has had enough. */
function drip(socket: Socket): void {
  const timer = setInterval(() => socket.write('x'), 1000);
  socket.on('close', () => clearInterval(timer));
}

async function refusals(reason: string): Promise<number> {
  const { text } = await bridge.get('/metrics');
  const line = new RegExp(
    `refused_connections_total\\{door="clients",reason="${reason}"\\} (\\d+)`,
  ).exec(text);
  return Number(line?.[1]);
}

describe('a plain port', () => {
  it('ends slow connections, and only those', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    const silent = dial();
    const slowHead = dial();
    slowHead.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ');
    drip(slowHead.socket);
    const slowBody = dial();
    const head = 'host: x\r\nauthorization: Bearer writer-token\r\ncontent-type: application/json';
    slowBody.socket.write(
      `POST /api/v1/accounts/a/move HTTP/1.1\r\n${head}\r\ncontent-length: 9999\r\n\r\n{`,
    );
    drip(slowBody.socket);
    const idle = dial();
    idle.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');

    const heard = await Promise.all([silent.closed, slowHead.closed, slowBody.closed]);

    expect(heard[1]).toContain('408');
    expect(await refusals('slow')).toBe(3);
    expect(idle.socket.destroyed).toBe(false);
    expect((await bridge.get('/healthz')).status).toBe(200);
    idle.socket.destroy();
  }, 40_000);

  it('ends connections that are not understood or say too much, and counts them', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    const garbage = dial();
    garbage.socket.write(Buffer.from('16030100ff00deadbeef0a0d0a0d', 'hex'));
    const smuggler = dial();
    smuggler.socket.write(
      'POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    const verbose = dial();
    verbose.socket.write(`GET /healthz HTTP/1.1\r\nhost: x\r\nx-a: ${'a'.repeat(40_000)}\r\n\r\n`);

    const heard = await Promise.all([garbage.closed, smuggler.closed, verbose.closed]);

    expect(heard.map((text) => text.slice(9, 12))).toEqual(['400', '400', '431']);
    expect([await refusals('malformed'), await refusals('headerSize')]).toEqual([2, 1]);
  });

  it('takes no body of the API that is longer than it can be', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    const body = { uid: 'x'.repeat(2 * 1024 * 1024) };

    const { status } = await bridge.post('/api/v1/accounts/a/move', 'writer-token', body);

    expect(status).toBe(413);
  });

  it('does not listen for ever to a client that it has refused', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    const endless = dial();
    endless.socket.write(
      'POST /clusters/a/api HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n',
    );
    drip(endless.socket);

    expect(await endless.closed).toContain('HTTP/1.1 401');
  }, 20_000);

  it('answers clients that offer HTTP/2 in the clear with HTTP/1.1', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    const offers = 'host: x\r\nconnection: upgrade, http2-settings, close\r\nupgrade: h2c';
    const heard = await Promise.all(
      ['/healthz', '/clusters/a/api'].map((path) => {
        const client = dial();
        client.socket.write(`GET ${path} HTTP/1.1\r\n${offers}\r\nhttp2-settings: AAM\r\n\r\n`);
        return client.closed;
      }),
    );

    expect(heard[0]).toContain('HTTP/1.1 200');
    expect(heard[1]).toContain('HTTP/1.1 401');
  });

  it('survives those who ask for another protocol and go', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    const paths = ['/nothing', '/clusters/a/api', '/api/v1/accounts'];
    for (let round = 0; round < 30; round += 1) {
      const { socket, closed } = dial();
      const path = paths[round % 3] ?? '';
      socket.write(
        `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
      );
      if (round % 2 === 0) await new Promise((resolve) => socket.once('data', resolve));
      socket.resetAndDestroy();
      await closed;
    }

    expect((await bridge.get('/healthz')).status).toBe(200);
  });

  it('refuses guesses after a while, logs no token, and lets who is known go on', async () => {
    bridge = await startBridgeUnderTest(directory, clients);
    expect((await bridge.get('/api/v1/accounts', 'reader-token')).status).toBe(200);

    const statuses: number[] = [];
    for (let guess = 0; guess < 30; guess += 1) {
      statuses.push((await bridge.get('/api/v1/accounts', `guess-${guess}`)).status);
    }

    expect(new Set(statuses.slice(0, 20))).toEqual(new Set([401]));
    expect(statuses.at(-1)).toBe(429);
    expect((await bridge.get('/api/v1/accounts', 'reader-token')).status).toBe(200);
    expect(await refusals('unknown')).toBeGreaterThanOrEqual(20);
    expect(await refusals('limited')).toBeGreaterThan(0);
    const said = bridge.log.join('\n') + (await bridge.get('/metrics')).text;
    for (const secret of ['guess-', 'reader-token', 'writer-token'])
      expect(said).not.toContain(secret);
  });
});

describe('a port with TLS', () => {
  const files = () => ({ cert: join(directory, 'tls.crt'), key: join(directory, 'tls.key') });

  async function start(clientAuth: string): Promise<void> {
    await use('server');
    bridge = await startBridgeUnderTest(
      directory,
      `
http:
  tls:
    certFile: ${files().cert}
    keyFile: ${files().key}
    clientCaFile: ${certs}/ca.crt
    clientAuth: ${clientAuth}
auth:
  clients:
    - { x509Subject: "CN=agent-*,O=team-a", name: shown, accounts: ["a-*"], access: write }
    - { token: reader-token, name: reader }
`,
    );
  }

  /** The server's pair is this one from now on. */
  async function use(name: string): Promise<void> {
    await copyFile(join(certs, `${name}.key`), files().key);
    await copyFile(join(certs, `${name}.crt`), files().cert);
  }

  async function options(pair?: string): Promise<ConnectionOptions> {
    const read = (name: string) => readFile(join(certs, name));
    const ca = [await read('ca.crt'), await read('other-ca.crt')];
    const base = { host: '127.0.0.1', port: bridge.httpPort, servername: 'bridge.test', ca };
    if (pair === undefined) return base;
    return { ...base, cert: await read(`${pair}.crt`), key: await read(`${pair}.key`) };
  }

  async function get(path: string, { pair, token }: { pair?: string; token?: string } = {}) {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const given = { ...(await options(pair)), path, headers, agent: false } as const;
    return new Promise<number | string>((resolve) => {
      request(given, (response) => resolve(response.resume().statusCode ?? 0))
        .on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
        .end();
    });
  }

  async function open(more: ConnectionOptions = {}): Promise<TLSSocket> {
    const socket = connect({ ...(await options()), ...more });
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve).once('error', reject);
    });
    return socket;
  }

  it('knows a client by its certificate or by its token', async () => {
    await start('optional');

    expect(await get('/api/v1/accounts', { pair: 'agent' })).toBe(200);
    expect(await get('/api/v1/accounts', { token: 'reader-token' })).toBe(200);
    expect(await get('/api/v1/accounts')).toBe(401);
    expect(await get('/api/v1/accounts', { pair: 'stranger' })).toBe(401);
    expect(await get('/healthz')).toBe(200);
  });

  it('does not talk to anybody without a certificate where it requires one', async () => {
    await start('require');

    expect(await get('/healthz', { pair: 'agent' })).toBe(200);
    expect(await get('/healthz')).toEqual(expect.any(String));
    expect(await get('/healthz', { pair: 'stranger' })).toEqual(expect.any(String));
  });

  it('takes renewed certificates without ending a connection, and no half of a pair', async () => {
    await start('optional');
    const old = await open();
    const before = old.getPeerCertificate().fingerprint256;

    await copyFile(join(certs, 'stranger.crt'), files().cert);
    await eventually(() => bridge.log.some((line) => line.includes('stay as they were')));
    expect((await open()).getPeerCertificate().fingerprint256).toBe(before);
    await use('stranger');
    await eventually(async () => {
      const socket = await open();
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256 !== before;
    });

    const { closed } = rawClient(old);
    old.write('GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(await closed).toContain('200 OK');
  }, 30_000);

  it('speaks TLS 1.2 and newer, and nothing older', async () => {
    await start('optional');

    const newest = await open();
    const oldest = await open({ maxVersion: 'TLSv1.2' });
    const older = open({
      ...{ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' },
      ciphers: 'DEFAULT@SECLEVEL=0',
    });

    expect([newest.getProtocol(), oldest.getProtocol()]).toEqual(['TLSv1.3', 'TLSv1.2']);
    await expect(older).rejects.toThrow(/version|alert/i);
    newest.destroy();
    oldest.destroy();
  });

  it('ends a handshake that never comes, and only that', async () => {
    await start('optional');
    const silent = dial();
    const plain = dial();
    plain.socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n');
    const other = await open();

    await Promise.all([silent.closed, plain.closed]);

    expect(other.destroyed).toBe(false);
    other.destroy();
    expect(await get('/healthz')).toBe(200);
  }, 30_000);
});

async function eventually(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isTrue())) await new Promise((resolve) => setTimeout(resolve, 50));
}
