// The doctor before real servers: an API server with RBAC, databases with users who may little, a
// bridge with TLS and tokens, servers with certificates that are no good.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createPlainHttp2, createSecureServer, type Http2Server } from 'node:http2';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  acquireKube,
  acquireMariaDb,
  acquirePostgres,
  createCertificateAuthority,
  freePort,
  isUnavailable,
  type CertificateAuthority,
  type KubeServer,
} from '@fairlead/testbed';
import { stringify } from 'yaml';
import { runCommandLine } from '../src/command-line.ts';
import { runDoctor } from '../src/doctor/doctor-command.ts';
import { type Finding } from '../src/doctor/finding.ts';
import { type BridgeProgram, startBridgeProgram } from '../src/installation/programs.ts';

const startMs = 120_000;
const token = 'a-token-of-team-a';

let folder: string;
let authority: CertificateAuthority;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-doctor-'));
  authority = await createCertificateAuthority();
  await write('ca.pem', authority.caPem);
});

afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, content: unknown): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, typeof content === 'string' ? content : stringify(content));
  return path;
}

interface Told {
  readonly code: number;
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** Examines a configuration as the command does, with a clock of its own. */
async function examine(config: unknown, aheadMs = 0): Promise<Told> {
  const file = await write(`${randomUUID()}.yaml`, config);
  let text = '';
  const code = await runDoctor(
    { config: [file], json: true },
    {
      output: { print: (words) => (text += words), complain: (words) => (text += words) },
      version: '0.0.0',
      environment: {},
      nowMs: () => Date.now() + aheadMs,
    },
  );
  const { findings } = JSON.parse(text) as { findings: Finding[] };
  return { code, text, findings };
}

const about = ({ findings }: Told, subject: string, check: string): Finding[] =>
  findings.filter((finding) => finding.subject === subject && finding.check === check);

const verdicts = (told: Told, subject: string): Record<string, string> =>
  Object.fromEntries(
    told.findings
      .filter((finding) => finding.subject === subject)
      .map(({ check, verdict }) => [check, verdict]),
  );

describe('the way to a bridge', () => {
  let bridge: BridgeProgram;
  let port: number;
  const servers: Http2Server[] = [];

  beforeAll(async () => {
    const { certificatePem, privateKeyPem } = await authority.issue({
      subject: 'CN=bridge',
      usage: 'server',
    });
    const certFile = await write('bridge.pem', certificatePem);
    const keyFile = await write('bridge.key', privateKeyPem);
    port = await freePort();
    bridge = await startBridgeProgram({
      sqlUrl: 'embedded:./data',
      config: {
        grpc: { host: '127.0.0.1', port, tls: { certFile, keyFile } },
        auth: { agents: [{ token, accounts: ['team-a-*'] }] },
      },
    });
  }, startMs);

  afterAll(async () => {
    await bridge.program.stop();
    for (const server of servers) server.close();
  });

  const agent = (link: object, accounts: readonly string[] = ['team-a-prod']) => ({
    clouddriver: {
      grpc: `127.0.0.1:${String(port)}`,
      tls: { cacertFile: join(folder, 'ca.pem') },
      auth: { token },
      ...link,
    },
    kubernetes: { accounts: accounts.map((name) => ({ name, kubeconfigFile: '/not/there' })) },
  });

  /** A server that is no bridge, with whatever certificate. */
  async function serve(notAfter?: Date): Promise<string> {
    const issued = await authority.issue({
      ...{ subject: 'CN=other', usage: 'server' },
      ...(notAfter === undefined ? {} : { notAfter }),
    });
    const server = createSecureServer({ cert: issued.certificatePem, key: issued.privateKeyPem });
    return listen(server);
  }

  async function listen(server: Http2Server): Promise<string> {
    servers.push(server);
    server.on('stream', (stream) => {
      stream.respond({ ':status': 404 }, { endStream: true });
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  }

  it('is followed to its end: name, port, certificate, HTTP/2, login, names, clock', async () => {
    const told = await examine(agent({}));

    expect(verdicts(told, 'bridge')).toEqual({
      ...{ name: 'ok', port: 'ok', certificate: 'ok', 'http/2': 'ok' },
      ...{ login: 'ok', accounts: 'ok', clock: 'ok' },
    });
    // What is wrong elsewhere (the kubeconfig) stands beside it.
    expect(verdicts(told, 'account team-a-prod')).toEqual({ credentials: 'fail' });
    expect(told.code).toBe(1);
    expect(told.text).not.toContain(token);
  });

  it('registers nothing: other agents and their accounts are not disturbed', async () => {
    await examine(agent({}));

    const accounts = await fetch(`${bridge.url}/api/v1/accounts`);
    expect(await accounts.json()).toMatchObject({ items: [] });
  });

  it('tells names that the token does not stand for', async () => {
    const told = await examine(agent({}, ['team-a-prod', 'team-b-prod']));

    const [finding] = about(told, 'bridge', 'accounts');
    expect(finding).toMatchObject({
      verdict: 'fail',
      what: 'may not register team-b-prod: allowed are team-a-*',
    });
  });

  it.each([
    ['a wrong token', { auth: { token: 'wrong' } }, 'the token in clouddriver.auth.token'],
    ['no token', { auth: {} }, 'neither a token nor a certificate'],
  ])('tells %s', async (_what, link, shown) => {
    const [finding] = about(await examine(agent(link)), 'bridge', 'login');

    expect(finding).toMatchObject({ verdict: 'fail' });
    expect(finding?.what).toContain(shown);
    expect(finding?.toDo).toContain('auth.agents');
  });

  it('tells plain text against TLS, and TLS against plain text', async () => {
    const plain = await listen(createPlainHttp2());

    const [toTls, toPlain] = await Promise.all([
      examine(agent({ insecure: true })),
      examine(agent({ grpc: plain })),
    ]);

    expect(about(toTls, 'bridge', 'http/2')).toMatchObject([
      { verdict: 'fail', what: 'the bridge expects TLS, and plain text is configured' },
    ]);
    expect(about(toPlain, 'bridge', 'tls')).toMatchObject([{ verdict: 'fail' }]);
    expect(about(toPlain, 'bridge', 'tls')[0]?.what).toContain('answers in plain text');
  });

  it('tells a certificate that has ended, of an unknown authority, for another name', async () => {
    const [ended, unknown, elsewhere] = await Promise.all([
      serve(new Date(Date.now() - 24 * 3600 * 1000)).then((grpc) => examine(agent({ grpc }))),
      examine(agent({ tls: {} })),
      examine(agent({ grpc: `localhost:${String(port)}` })),
    ]);

    expect(about(ended, 'bridge', 'certificate')[0]?.what).toMatch(/^expired on \d{4}-/);
    expect(about(unknown, 'bridge', 'certificate')[0]).toMatchObject({
      verdict: 'fail',
      toDo: expect.stringContaining('clouddriver.tls.cacertFile'),
    });
    expect(about(elsewhere, 'bridge', 'certificate')[0]?.what).toBe(
      'not for localhost: it is for IP Address:127.0.0.1',
    );
  });

  it('tells a certificate that ends soon, and a service that is no bridge', async () => {
    const grpc = await serve(new Date(Date.now() + 3 * 24 * 3600 * 1000));

    const told = await examine(agent({ grpc }));

    expect(about(told, 'bridge', 'expiry')).toMatchObject([{ verdict: 'warn' }]);
    expect(verdicts(told, 'bridge')).toMatchObject({ 'http/2': 'ok', login: 'fail' });
  });

  it('tells a clock that is off', async () => {
    const told = await examine(agent({}), 10 * 60_000);

    expect(about(told, 'bridge', 'clock')).toMatchObject([
      { verdict: 'fail', what: "its clock is 10 min behind this machine's" },
    ]);
  });

  it('tells a name that is none, and a port where nobody listens', async () => {
    const [name, closed] = await Promise.all([
      examine(agent({ grpc: 'bridge.invalid:9091' })),
      examine(agent({ grpc: '127.0.0.1:1' })),
    ]);

    expect(verdicts(name, 'bridge')).toEqual({ name: 'fail' });
    expect(verdicts(closed, 'bridge')).toEqual({ name: 'ok', port: 'fail' });
  });
});

(isUnavailable('kube') ? describe.skip : describe)('an account', () => {
  const user = `doctor-${randomUUID().slice(0, 8)}`;
  let kube: KubeServer;
  let restricted: string;

  beforeAll(async () => {
    kube = await acquireKube();
    const bearer = await kube.serviceAccountToken({ name: user });
    const apiGroup = 'rbac.authorization.k8s.io';
    const verbs = ['get', 'list', 'watch'];
    const rules = [
      { apiGroups: [''], resources: ['pods', 'services', 'namespaces'], verbs },
      { apiGroups: ['apps'], resources: ['*'], verbs },
      { apiGroups: ['batch'], resources: ['*'], verbs: ['list'] },
    ];
    await create('clusterroles', { metadata: { name: user }, rules });
    await create('clusterrolebindings', {
      metadata: { name: user },
      roleRef: { apiGroup, kind: 'ClusterRole', name: user },
      subjects: [{ kind: 'ServiceAccount', name: user, namespace: 'default' }],
    });
    restricted = await write('restricted.yaml', kubeconfig(bearer));
  }, startMs);

  afterAll(async () => {
    for (const resource of ['clusterrolebindings', 'clusterroles']) {
      const path = `/apis/rbac.authorization.k8s.io/v1/${resource}/${user}`;
      await kube.request({ method: 'DELETE', path });
    }
    await kube[Symbol.asyncDispose]();
  });

  async function create(resource: string, body: unknown): Promise<void> {
    const path = `/apis/rbac.authorization.k8s.io/v1/${resource}`;
    expect((await kube.request({ method: 'POST', path, body })).status).toBe(201);
  }

  const kubeconfig = (bearer: string, caPem = kube.caPem) => ({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'c' },
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [
      {
        name: 'k',
        cluster: {
          server: kube.url,
          'certificate-authority-data': Buffer.from(caPem).toString('base64'),
        },
      },
    ],
    users: [{ name: 'u', user: { token: bearer } }],
  });

  const agent = (accounts: readonly object[]) => ({
    clouddriver: { grpc: '127.0.0.1:1' },
    kubernetes: { accounts },
  });

  it('is sound where its user may do everything', async () => {
    const account = { name: 'all', kubeconfigFile: kube.kubeconfigPath };

    const told = await examine(agent([account]));

    expect(verdicts(told, 'account all')).toEqual({
      ...{ credentials: 'ok', name: 'ok', port: 'ok', login: 'ok', clock: 'ok' },
      ...{ reading: 'ok', operations: 'ok' },
    });
    expect(about(told, 'account all', 'reading')[0]?.what).toContain('12 kinds');
  });

  it('tells each kind that its user may not read, and what Spinnaker may not do', async () => {
    const told = await examine(agent([{ name: 'few', kubeconfigFile: restricted }]));

    const reading = about(told, 'account few', 'reading').map(({ verdict, what }) => [
      verdict,
      what,
    ]);
    expect(reading).toContainEqual(['ok', expect.stringContaining('pods')]);
    expect(reading).toContainEqual([
      'fail',
      'may not list, watch ingresses.networking.k8s.io: it will not be cached',
    ]);
    expect(reading).toContainEqual(['fail', 'may not watch jobs.batch: it will not be cached']);
    const operations = about(told, 'account few', 'operations');
    expect(operations.every(({ verdict }) => verdict === 'warn')).toBe(true);
    expect(operations.map(({ what }) => what).join()).toContain('create, patch, delete');
  });

  it('asks for the kinds and the operations that the account has, and no others', async () => {
    const account = {
      ...{ name: 'chosen', kubeconfigFile: restricted },
      ...{ kinds: ['pod', 'deployment', 'wigdet'], operations: { allow: 'none' } },
    };

    const told = await examine(agent([account]));

    expect(verdicts(told, 'account chosen')).toMatchObject({ reading: 'ok', kinds: 'warn' });
    expect(about(told, 'account chosen', 'operations')).toEqual([]);
    expect(about(told, 'account chosen', 'kinds')[0]?.what).toContain('wigdet');
  });

  it('tells credentials that are not taken, and a server that is not trusted', async () => {
    const wrong = await write('wrong.yaml', kubeconfig('not-a-token'));
    const foreign = await write('foreign.yaml', kubeconfig('not-a-token', authority.caPem));

    const told = await examine(
      agent([
        { name: 'wrong', kubeconfigFile: wrong },
        { name: 'foreign', kubeconfigFile: foreign },
      ]),
    );

    expect(verdicts(told, 'account wrong')).toMatchObject({ login: 'fail' });
    expect(verdicts(told, 'account foreign')).toMatchObject({ certificate: 'fail' });
    expect(told.text).not.toContain('not-a-token');
  });

  it('tells a clock that is off', async () => {
    const account = { name: 'late', kubeconfigFile: kube.kubeconfigPath, kinds: ['pod'] };

    const told = await examine(agent([account]), -30_000);

    expect(about(told, 'account late', 'clock')).toMatchObject([{ verdict: 'warn' }]);
  });
});

const databases = [
  {
    name: 'postgres' as const,
    acquire: acquirePostgres,
    reader: (user: string) => [
      `CREATE ROLE ${user} LOGIN PASSWORD 'not-to-be-seen'`,
      `REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
    ],
    forget: (user: string) => [`DROP ROLE ${user}`],
  },
  {
    name: 'mariadb' as const,
    acquire: acquireMariaDb,
    reader: (user: string, database: string) => [
      `CREATE USER ${user} IDENTIFIED BY 'not-to-be-seen'`,
      `GRANT SELECT ON ${database}.* TO ${user}`,
    ],
    forget: (user: string) => [`DROP USER ${user}`],
  },
];

for (const { name, acquire, reader, forget } of databases) {
  (isUnavailable(name) ? describe.skip : describe)(`a database on ${name}`, () => {
    it(
      'is told whole: what its user may not do, what is not there, the clock',
      async () => {
        await using server = await acquire();
        await using database = await server.createDatabase();
        const user = `d${randomUUID().slice(0, 8)}`;
        for (const sql of reader(user, database.name)) await database.query(sql);
        const url = new URL(database.url);
        [url.username, url.password] = [user, 'not-to-be-seen'];
        const gatewayUrl = 'http://127.0.0.1:1';

        const [poor, rich] = await Promise.all([
          examine({
            sql: { url: url.href },
            clouddriver: { accounts: { enabled: true, gatewayUrl } },
          }),
          examine({ sql: { url: database.url, schema: 'standalone' } }, -120_000),
        ]);
        for (const sql of forget(user)) await database.query(sql);

        expect(poor.code).toBe(1);
        expect(verdicts(poor, 'database')).toMatchObject({
          ...{ connection: 'ok', encoding: 'ok', migrations: 'fail', accounts: 'fail' },
          ...{ locks: 'warn', rights: 'fail', clock: 'ok' },
        });
        expect(about(poor, 'database', 'rights').map(({ what }) => what)).toContainEqual(
          expect.stringContaining('may not create tables'),
        );
        expect(verdicts(poor, 'gateway')).toEqual({ name: 'ok', port: 'fail' });
        expect(poor.text).not.toContain('not-to-be-seen');
        expect(verdicts(rich, 'database')).toMatchObject({ rights: 'ok', clock: 'fail' });
      },
      startMs,
    );
  });
}

describe("what a bridge's file refers to", () => {
  it('is read: each reference that cannot be had is told by its engine and place', async () => {
    const file = await write('bridge-token', 'not-to-be-seen');
    const { code, text } = await examine({
      sql: { url: `embedded:${folder}/data` },
      auth: {
        agents: [{ token: `encrypted:file!p:${file}`, accounts: ['*'] }],
        clients: [{ token: 'encrypted:env!n:NOT_THERE', name: 'deck', accounts: ['*'] }],
      },
    });

    expect(code).toBe(1);
    expect(text).toContain('engine env, variable NOT_THERE: it is not set');
    expect(text).not.toContain('not-to-be-seen');
  });
});

describe('the command', () => {
  const run = async (...args: string[]) => {
    const said = { out: '', err: '' };
    const code = await runCommandLine(['doctor', ...args], {
      output: { print: (text) => (said.out += text), complain: (text) => (said.err += text) },
      signal: AbortSignal.timeout(startMs),
      version: '0.0.0',
    });
    return { code, ...said };
  };

  it('exits with 0 where nothing fails, and counts', async () => {
    const data = join(folder, 'data');
    const file = await write('local.yaml', { sql: { url: `embedded:${data}` } });

    const { code, out } = await run('--config', file);

    expect(code).toBe(0);
    expect(out).toMatch(/\d+ checks: \d+ ok, \d+ to look at, 0 failed\n$/);
    expect(out).toContain('NO AUTHENTICATION');
  });

  it('exits with 1 and every problem of a configuration that is wrong', async () => {
    const file = await write('wrong-keys.yaml', 'kubernetes: {}\nserver: { port: a }\nfoo: 1\n');

    const { code, out } = await run('--config', file);

    expect(code).toBe(1);
    expect(out).toContain('server.port: must be a number');
    expect(out).toContain('foo: unknown key');
  });

  it('exits with 2 when nobody can see whose configuration it is', async () => {
    const file = await write('nobodys.yaml', 'logging: { level: info }\n');

    expect(await run('--config', file)).toMatchObject({ code: 2, out: '' });
    expect((await run('--config', file, '--program', 'bridge')).code).not.toBe(2);
    expect((await run()).code).toBe(2);
  });
});
