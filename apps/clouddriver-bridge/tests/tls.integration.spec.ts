/** Agents that show certificates, over real TLS. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { credentials } from '@grpc/grpc-js';
import { startBridgeUnderTest, type BridgeUnderTest } from './bridge-under-test.ts';
import { FakeAgent } from './fake-agent.ts';

const certs = join(__dirname, 'certs');
let directory: string;
let bridge: BridgeUnderTest;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-bridge-'));
});

afterEach(async () => {
  await bridge.stop();
  await rm(directory, { recursive: true, force: true });
});

async function start(clientAuth: string, pair = join(certs, 'server')): Promise<void> {
  bridge = await startBridgeUnderTest(
    directory,
    `
grpc:
  tls:
    certFile: ${pair}.crt
    keyFile: ${pair}.key
    clientCaFile: ${certs}/ca.crt
    clientAuth: ${clientAuth}
auth:
  agents:
    - { x509Subject: "CN=agent-*,O=team-a", accounts: ["team-a-*"] }
    - { token: t0ken, accounts: ["team-b-*"] }
`,
  );
}

async function dial(certificate?: string, token?: string): Promise<FakeAgent> {
  const read = (name: string) => readFile(join(certs, name));
  const pair = certificate
    ? ([await read(`${certificate}.key`), await read(`${certificate}.crt`)] as const)
    : ([null, null] as const);
  const channel = credentials.createSsl(await read('ca.crt'), ...pair);
  return new FakeAgent({ port: bridge.grpcPort, channel, ...(token ? { token } : {}) });
}

describe('a bridge that requires certificates', () => {
  it('lets an agent in by its subject, for the names of its rule', async () => {
    await start('require');
    const agent = await (await dial('agent')).welcome();

    agent.register('team-b-x', { uid: 'u1' });
    await agent.hear('accountRejected');
    const { epoch } = await agent.accepted('team-a-x');

    expect(epoch).toBe(1);
    agent.crash();
  });

  it.each([undefined, 'stranger'])(
    'does not even answer one that shows %s',
    async (certificate) => {
      await start('require');
      const agent = await dial(certificate);

      const { code } = await agent.ended;

      expect(code).toBe(14);
      agent.crash();
    },
  );
});

describe('a bridge that takes certificates if there are any', () => {
  it('lets an agent in by its certificate, and another by its token', async () => {
    await start('optional');
    const shown = await (await dial('agent')).welcome();
    const told = await (await dial(undefined, 't0ken')).welcome();

    expect((await shown.accepted('team-a-x')).epoch).toBe(1);
    expect((await told.accepted('team-b-x')).epoch).toBe(1);
    shown.crash();
    told.crash();
  });

  it('takes no subject from a certificate of another authority', async () => {
    await start('optional');
    const agent = await dial('stranger');

    const { code } = await agent.ended;

    expect([14, 16]).toContain(code);
    agent.crash();
  });
});

describe('a bridge whose certificate is renewed', () => {
  it('shows the new one to who comes, and keeps the links that it has', async () => {
    const pair = join(directory, 'tls');
    const use = async (name: string) => {
      await copyFile(join(certs, `${name}.key`), `${pair}.key`);
      await copyFile(join(certs, `${name}.crt`), `${pair}.crt`);
    };
    const shown = async () => {
      const where = { host: '127.0.0.1', port: bridge.grpcPort, ALPNProtocols: ['h2'] };
      const socket = connect({ ...where, rejectUnauthorized: false });
      await new Promise((resolve) => socket.once('secureConnect', resolve));
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    await use('server');
    await start('optional', pair);
    const agent = await (await dial('agent')).welcome();
    const before = await shown();

    await use('stranger');
    while ((await shown()) === before) await new Promise((resolve) => setTimeout(resolve, 200));

    expect((await agent.accepted('team-a-x')).epoch).toBe(1);
    agent.crash();
  }, 60_000);
});
