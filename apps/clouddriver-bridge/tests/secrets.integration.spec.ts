/** A bridge whose configuration holds references: its database's password, tokens and certificates, all of which change. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import {
  isUnavailable,
  startMariaDb,
  startPostgres,
  waitUntil,
  type SqlDatabase,
  type SqlServerHandle,
} from '@fairlead/testbed';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { aPod, aSnapshot } from './deltas.ts';
import { FakeAgent } from './fake-agent.ts';

const certs = join(__dirname, 'certs');
const slowMs = 120_000;
/** For what a change of a file leads to; it is noticed within a second. */
const patienceMs = 20_000;
const canaries = ['canary-one', 'canary-two'] as const;
let directory: string;
let bridge: BridgeUnderTest | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
});

afterEach(async () => {
  await bridge?.stop();
  bridge = undefined;
  await rm(directory, { recursive: true, force: true });
});

const at = (name: string) => join(directory, name);

async function untilSaid(log: readonly string[], words: string): Promise<void> {
  const isSaid = () => log.some((line) => line.includes(words));
  expect(await waitUntil(isSaid, { timeoutMs: patienceMs })).toBe(true);
}

/** Everything that the bridge has said, on its pages and in its log. */
async function everythingSaid(running: BridgeUnderTest, token?: string): Promise<string> {
  const paths = ['/readyz', '/healthz', '/metrics', '/api/v1/accounts', '/api/v1/replicas'];
  const pages = await Promise.all(paths.map((path) => running.get(path, token)));
  return [...running.log, ...pages.map(({ text }) => text)].join('\n');
}

const servers = [
  {
    ...{ name: 'postgres', isHere: !isUnavailable('postgres'), start: startPostgres },
    create: (password: string) => `CREATE ROLE rotating SUPERUSER LOGIN PASSWORD '${password}'`,
    change: (password: string) => [
      `ALTER ROLE rotating PASSWORD '${password}'`,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'rotating'`,
    ],
  },
  {
    ...{ name: 'mysql', isHere: !isUnavailable('mariadb'), start: startMariaDb },
    create: (password: string) => `GRANT ALL ON *.* TO rotating@'%' IDENTIFIED BY '${password}'`,
    change: (password: string) => [
      `ALTER USER rotating@'%' IDENTIFIED BY '${password}'`,
      'KILL CONNECTION USER rotating',
    ],
  },
];

for (const { name, isHere, start, create, change } of servers) {
  (isHere ? describe : describe.skip)(`a password of ${name} behind a reference`, () => {
    let server: SqlServerHandle;
    let database: SqlDatabase;

    beforeEach(async () => {
      server = await start();
      database = await server.createDatabase();
      await database.query(create(canaries[0]));
    }, slowMs);

    afterEach(() => server.stop());

    it(
      'is taken over by new connections when it changes, and never shown',
      async () => {
        await writeFile(at('password'), `${canaries[0]}\n`);
        const url = new URL(database.url);
        Object.assign(url, { username: '', password: '' });
        bridge = await startBridgeUnderTest(
          '',
          `sql: { url: '${url.href}', schema: standalone, user: rotating, password: 'encrypted:file!p:${at('password')}' }`,
        );
        const agent = await new FakeAgent({ port: bridge.grpcPort }).welcome();
        const { epoch } = await agent.accepted('prod');
        agent.openFeed({ account: 'prod', epoch, feedId: 1 });
        await agent.committed(1, agent.batch(1, aSnapshot(['a'], '50')));

        await writeFile(at('password'), canaries[1]);
        const { log } = bridge;
        await untilSaid(log, 'another user or password');
        for (const statement of change(canaries[1])) await database.query(statement);
        await agent.committed(1, agent.batch(1, [aPod('applied', 'b')]));

        const said = await everythingSaid(bridge);
        for (const canary of canaries) expect(said).not.toContain(canary);
        agent.crash();
      },
      slowMs,
    );
  });
}

describe('tokens behind references', () => {
  it('open the doors as soon as they are there, and are never shown', async () => {
    const token = (key: string) => `'encrypted:file!p:${at('tokens.yaml')}!k:${key}'`;
    bridge = await startBridgeUnderTest(
      at('data'),
      `auth:
  agents: [{ token: ${token('agent')}, accounts: ['*'] }]
  clients: [{ token: ${token('client')}, name: deck }]`,
    );
    const early = await new FakeAgent({ port: bridge.grpcPort, token: canaries[0] }).ended;
    const { log } = bridge;
    expect(log.join('')).toContain(`engine file, path ${at('tokens.yaml')}`);

    await writeFile(at('tokens.yaml'), `{ agent: ${canaries[0]}, client: ${canaries[1]} }`);
    await untilSaid(log, 'can be read again');

    expect(early.code).toBe(16);
    const agent = await new FakeAgent({ port: bridge.grpcPort, token: canaries[0] }).welcome();
    expect(await bridge.get('/api/v1/accounts', canaries[1])).toMatchObject({ status: 200 });
    expect(await bridge.get('/api/v1/accounts', canaries[0])).toMatchObject({ status: 401 });
    const said = await everythingSaid(bridge, canaries[1]);
    for (const canary of canaries) expect(said).not.toContain(canary);
    agent.crash();
  }, 30_000);
});

describe('certificates behind references', () => {
  it('are served on both ports, and renewed ones at once', async () => {
    const copy = async (pair: string) => {
      await copyFile(join(certs, `${pair}.key`), at('key'));
      await copyFile(join(certs, `${pair}.crt`), at('crt'));
    };
    await copy('server');
    const file = (path: string) => `'encryptedFile:file!p:${path}'`;
    const tls = `tls: { certFile: ${file(at('crt'))}, keyFile: ${file(at('key'))} }`;
    bridge = await startBridgeUnderTest(at('data'), `{ grpc: { ${tls} }, http: { ${tls} } }`);
    const ports = [bridge.grpcPort, bridge.httpPort];
    const ca = await readFile(join(certs, 'ca.crt'));
    const agent = await new FakeAgent({
      port: bridge.grpcPort,
      channel: credentials.createSsl(ca),
    }).welcome();
    const before = await Promise.all(ports.map(serialAt));

    await copy('stranger');

    for (const [index, port] of ports.entries()) {
      const isNew = async () => (await serialAt(port)) !== before[index];
      expect(await waitUntil(isNew, { timeoutMs: patienceMs })).toBe(true);
    }
    expect(new Set(before).size).toBe(1);
    agent.crash();
  }, 30_000);
});

function serialAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2', 'http/1.1'] },
      () => {
        const { serialNumber } = socket.getPeerCertificate();
        socket.destroy();
        resolve(serialNumber);
      },
    );
    socket.once('error', reject);
  });
}
