/** Dialling a bridge over real sockets: TLS both ways, tokens, and lines that go dead. */
import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerCredentials } from '@grpc/grpc-js';
import { createSecrets, secretsSchema } from '@fairlead/secret-engines';
import { nodeClock, nodeRandom } from '@fairlead/service-kit';
import { agentConfigSchema } from '../src/config.ts';
import { LinkSession, type LinkEnd } from '../src/link-session.ts';
import type { Link } from '../src/link.ts';
import { createDialer } from '../src/node-link-dialer.ts';
import { createTokenSource } from '../src/node-link-token.ts';
import { clientKeyPassword, createCertificates, type Certificates } from './certificates.ts';
import { FakeBridge } from './fake-bridge.ts';

const secrets = createSecrets({
  config: secretsSchema.parse({}),
  environment: {},
  clock: nodeClock,
  random: nodeRandom,
});
let directory: string;
let certificates: Certificates;
let bridge: FakeBridge;
const closers: (() => void)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-link-'));
  certificates = await createCertificates();
  const { ca, client } = certificates;
  await writeFile(join(directory, 'ca.pem'), ca);
  await writeFile(join(directory, 'client.pem'), client.certificate);
  await writeFile(join(directory, 'client.key'), client.key);
  await writeFile(join(directory, 'client.locked.key'), client.lockedKey);
  await writeFile(join(directory, 'both.pem'), client.certificate + '\n' + client.key);
});

afterAll(() => rm(directory, { recursive: true }));

beforeEach(() => {
  bridge = new FakeBridge();
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
  bridge.stop();
});

function serverCredentials(clientAuth: 'none' | 'require'): ServerCredentials {
  const { ca, server } = certificates;
  const pair = {
    cert_chain: Buffer.from(server.certificate),
    private_key: Buffer.from(server.key),
  };
  return ServerCredentials.createSsl(Buffer.from(ca), [pair], clientAuth === 'require');
}

/** Dials as configured; answers the open link, or how the attempt ended. */
async function dial(
  clouddriver: object,
  address = bridge.address.replace('127.0.0.1', 'localhost'),
): Promise<Link | LinkEnd> {
  const config = agentConfigSchema.parse({ clouddriver: { grpc: address, ...clouddriver } });
  const token = createTokenSource(config.clouddriver.auth, { clock: nodeClock, secrets });
  const { stream, close } = await createDialer(config.clouddriver, { token, secrets })();
  return new Promise((resolve) => {
    const session = new LinkSession({
      open: () => stream,
      hello: { agentId: 'a', instanceId: 'i', agentVersion: '1', zone: '', codecs: [] },
      clock: nodeClock,
      onOpen: resolve,
      onMessage: () => undefined,
      onNeedTunnels: () => undefined,
    });
    closers.push(() => {
      session.close('test over');
      close();
    });
    void session.ended.then(resolve);
  });
}

const file = (name: string) => join(directory, name);
const isOpen = (outcome: Link | LinkEnd) => 'terms' in outcome;

describe('over TLS', () => {
  beforeEach(() => bridge.start(serverCredentials('none')));

  it('trusts a bridge whose certificate the CA signed', async () => {
    expect(isOpen(await dial({ tls: { cacertFile: file('ca.pem') } }))).toBe(true);
  });

  it('does not trust one that it did not sign, unless told to skip the check', async () => {
    const refused = await dial({});

    expect(refused).toMatchObject({ wasOpen: false });
    expect((refused as LinkEnd).reason).toMatch(/certificate/);
    expect(isOpen(await dial({ tls: { insecureSkipVerify: true } }))).toBe(true);
  });

  it('checks the name that is configured', async () => {
    const cacertFile = `file://${file('ca.pem')}`;

    expect(isOpen(await dial({ tls: { cacertFile, serverName: 'bridge.test' } }))).toBe(true);
    expect(isOpen(await dial({ tls: { cacertFile, serverName: 'other.test' } }))).toBe(false);
  });

  it('names the file that cannot be read', async () => {
    await expect(dial({ tls: { cacertFile: file('gone.pem') } })).rejects.toThrow(
      `the CA file ${file('gone.pem')} cannot be read (ENOENT)`,
    );
  });
});

describe('over mutual TLS', () => {
  beforeEach(() => bridge.start(serverCredentials('require')));

  it.each([
    ['certificate and key', { clientCertFile: 'client.pem', clientKeyFile: 'client.key' }],
    ['both in one file', { clientCertFile: 'both.pem' }],
    [
      'a key with a password',
      {
        clientCertFile: 'client.pem',
        clientKeyFile: 'client.locked.key',
        clientKeyFilePassword: clientKeyPassword,
      },
    ],
  ])('shows its certificate: %s', async (_name, tls) => {
    const files = Object.entries(tls).map(([key, value]) => [
      key,
      key.endsWith('File') ? file(value) : value,
    ]);

    const outcome = await dial({
      tls: { cacertFile: file('ca.pem'), ...Object.fromEntries(files) },
    });

    expect(isOpen(outcome)).toBe(true);
  });

  it('is not let in without one', async () => {
    expect(isOpen(await dial({ tls: { cacertFile: file('ca.pem') } }))).toBe(false);
  });
});

describe('with a token', () => {
  beforeEach(() => bridge.start());

  it.each([
    ['given', { token: 'abc' }],
    ['from a file', { tokenFile: 'token' }],
    ['printed by a command', { tokenCommand: { command: 'echo', args: ['abc'], format: 'raw' } }],
    ['printed as JSON', { tokenCommand: { command: 'echo', args: ['{"token":"abc"}'] } }],
  ])('%s, shows it to the bridge', async (_name, auth) => {
    await writeFile(file('token'), 'abc\n');
    const withPath = 'tokenFile' in auth ? { tokenFile: file('token') } : auth;

    expect(isOpen(await dial({ insecure: true, auth: withPath }))).toBe(true);
    expect(bridge.link.authorization).toBe('Bearer abc');
  });

  it('says what is wrong with a command without repeating what it printed', async () => {
    const tokenCommand = { command: 'sh', args: ['-c', 'echo s3cret; exit 3'] };

    await expect(dial({ insecure: true, auth: { tokenCommand } })).rejects.toThrow(
      /^the token command failed \(3\)$/,
    );
  });

  it('runs a command again only when its token is too old', async () => {
    let nowMs = 0;
    const command = {
      command: 'sh',
      args: ['-c', `echo x >> ${file('runs')}; wc -l < ${file('runs')}`],
    };
    const auth = {
      tokenCommand: { ...command, format: 'raw' as const, refreshIntervalSeconds: 60 },
    };
    const token = createTokenSource(auth, { clock: { nowMs: () => nowMs }, secrets });

    const tokens = [await token(), await token()];
    nowMs = 60_000;
    tokens.push(await token());

    expect(tokens.map((one) => one?.trim())).toEqual(['1', '1', '2']);
  });
});

describe('a line that goes dead without a word', () => {
  it('is noticed by pings that nobody answers', async () => {
    await bridge.start();
    const sockets: Socket[] = [];
    const port = Number(bridge.address.split(':')[1]);
    const relay = createServer((socket) => {
      const upstream = connect(port, '127.0.0.1');
      socket.pipe(upstream).pipe(socket);
      sockets.push(socket, upstream);
      for (const one of [socket, upstream]) one.on('error', () => undefined);
    });
    await new Promise<void>((resolve) => relay.listen(0, '127.0.0.1', resolve));
    closers.push(() => {
      for (const socket of sockets) socket.destroy();
      relay.close();
    });
    const address = `127.0.0.1:${(relay.address() as AddressInfo).port}`;

    const link = (await dial(
      { insecure: true, keepAliveHeartbeatSeconds: 1, keepAliveTimeOutSeconds: 1 },
      address,
    )) as Link;
    for (const socket of sockets) {
      socket.unpipe();
      socket.pause();
    }

    await new Promise((resolve) => link.closed.addEventListener('abort', resolve));
    expect(isOpen(link)).toBe(true);
  });
});
