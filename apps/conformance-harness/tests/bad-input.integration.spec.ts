// Wrong configuration files, an agent of another age, a database that is away: each is told with its
// reason, and nothing else suffers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import {
  type BridgeMessage,
  linkClientOptions,
  LinkServiceClient,
  RefusalCode,
} from '@fairlead/protocol';
import { isUnavailable, type PostgresHandle, startPostgres } from '@fairlead/testbed';
import { credentials } from '@grpc/grpc-js';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { agentCondition } from './agent-questions.ts';
import { untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';
import { runToEnd } from './run-program.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fairlead-bad-input-'));
});

afterAll(() => rm(folder, { recursive: true }));

const secret = 'hunter2-in-a-config';

const wrongAgentConfig = `clouddriver:
  grcp: bridge:9091
  insecure: maybe
  auth: { token: ${secret}, tokenFile: /etc/token }
kubernetes:
  retries: 3
  accounts:
    - name: one
      kinds: pod
    - name: two words
      kubeconfigFile: /etc/two
    - name: three
      kubeconfigFile: /etc/three
      serviceAccount: true
      kubectlExecutable: /usr/bin/kubectl
      onlyNamespacedResource: true
    - name: three
      serviceAccount: true
server:
  port: 99999
`;

/** Line, path, and a part of the message of each. */
const agentErrors = [
  [2, 'clouddriver.grcp', 'did you mean "grpc"?'],
  [3, 'clouddriver.insecure', 'boolean'],
  [4, 'clouddriver.auth', 'only one of token, tokenFile and tokenCommand'],
  [8, 'kubernetes.accounts[0]', 'needs serviceAccount: true or a kubeconfigFile'],
  [9, 'kubernetes.accounts[0].kinds', 'array'],
  [10, 'kubernetes.accounts[1].name', 'whitespace'],
  [14, 'kubernetes.accounts[2].serviceAccount', 'not both'],
  [16, 'kubernetes.accounts[2].onlyNamespacedResource', 'did you mean "onlyNamespacedResources"?'],
  [17, 'kubernetes.accounts[3].name', 'another account has this name'],
  [20, 'server.port', '65535'],
] as const;

const agentWarnings = [
  [6, 'kubernetes.retries', 'not needed'],
  [15, 'kubernetes.accounts[2].kubectlExecutable', 'not needed'],
] as const;

const wrongBridgeConfig = `grpc:
  host: 0.0.0.0
  port: many
sql:
  url: postgres://fairlead:${secret}@db/fairlead
  schemma: standalone
  pool: { max: 1 }
auth:
  agents:
    - accounts: ['*']
  clients:
    - { name: spinnaker, token: ${secret}, tokenFile: /etc/token }
registry:
  gracePeriodSeconds: 0
`;

const bridgeErrors = [
  [2, 'grpc.host', 'needs grpc.tls'],
  [3, 'grpc.port', 'number'],
  [6, 'sql.schemma', 'did you mean "schema"?'],
  [7, 'sql.pool.max', 'at least 2'],
  [10, 'auth.agents[0]', 'exactly one of token, tokenFile, x509Subject'],
  [12, 'auth.clients[0]', 'exactly one of token, tokenFile'],
  [14, 'registry.gracePeriodSeconds', 'at least 1'],
] as const;

type Expected = readonly (readonly [line: number, path: string, message: string])[];

/** The place, path and message of each, as one line must show them. */
function linesFor(file: string, severity: 'error' | 'warning', expected: Expected) {
  return expected.map(
    ([line, path, message]) =>
      expect.stringMatching(
        new RegExp(
          `^${[`${file}:${line}:`, ` ${severity}: ${path}: `, message].map(escaped).join('.*')}`,
        ),
      ) as string,
  );
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

describe.each([
  {
    app: 'agent',
    text: wrongAgentConfig,
    errors: agentErrors,
    warnings: agentWarnings,
  },
  {
    app: 'clouddriver-bridge',
    text: wrongBridgeConfig,
    errors: bridgeErrors,
    warnings: [],
  },
] as const)('a wrong configuration of the $app', ({ app, text, errors, warnings }) => {
  let file: string;

  beforeAll(async () => {
    file = join(folder, `wrong-${app}.yaml`);
    await writeFile(file, text);
  });

  it.each([
    ['a start', []],
    ['--check', ['--check']],
  ] as const)(
    'ends %s with 2 and lists every problem with its path and place',
    async (_, extra) => {
      const outcome = await runToEnd({ app, args: ['--config', file, ...extra], cwd: folder });

      expect(outcome.code).toBe(2);
      const lines = (outcome.stdout + outcome.stderr).trim().split('\n');
      expect(lines.filter((line) => line.includes(': error: '))).toEqual(
        linesFor(file, 'error', errors),
      );
      expect(lines.filter((line) => line.includes(': warning: '))).toEqual(
        linesFor(file, 'warning', warnings),
      );
      expect(lines.at(-1)).toContain(`${errors.length} errors, ${warnings.length} warning`);
    },
    30_000,
  );

  it('is not quoted: values may be secret', async () => {
    const { stdout, stderr } = await runToEnd({
      app,
      args: ['--config', file, '--check'],
      cwd: folder,
    });

    expect(stdout + stderr).toContain('not valid');
    expect(stdout + stderr).not.toContain(secret);
  }, 30_000);
});

describe('a right configuration', () => {
  it.each([
    {
      app: 'agent',
      text: 'kubernetes: { retries: 3, accounts: [{ name: prod, serviceAccount: true }] }',
      warnings: 1,
    },
    {
      app: 'clouddriver-bridge',
      text: 'sql: { url: "embedded:./data", schema: standalone }',
      warnings: 0,
    },
  ] as const)(
    'of the $app passes --check with 0',
    async ({ app, text, warnings }) => {
      const file = join(folder, `right-${app}.yaml`);
      await writeFile(file, text);

      const { code, stdout } = await runToEnd({
        app,
        args: ['--config', file, '--check'],
        cwd: folder,
      });

      expect(code).toBe(0);
      expect(stdout).toContain(`configuration is valid: 0 errors, ${warnings} warning`);
    },
    30_000,
  );
});

describe('an agent of an unknown protocol version', () => {
  let bridge: BridgeProgram;

  beforeAll(async () => {
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
  }, 60_000);

  afterAll(() => bridge.program.stop(), 30_000);

  it('is refused, and both versions are named, in the answer and in the log', async () => {
    const said = await hearAnswer(bridge.grpcAddress, [99]);

    expect(said).toEqual([
      {
        $case: 'refused',
        value: {
          code: RefusalCode.UNKNOWN_VERSION,
          message: 'the agent speaks protocol version 99, the bridge 1',
          supportedVersions: [1],
        },
      },
    ]);
    await eventually(
      async () => (await bridge.program.readLog()).includes('protocol version 99, the bridge 1'),
      { what: 'the log of the bridge names both versions', timeoutMs: 10_000 },
    );
  }, 30_000);
});

/** Everything that a bridge answers to a hello, until it ends the link. */
function hearAnswer(
  address: string,
  protocolVersions: number[],
): Promise<readonly BridgeMessage['message'][]> {
  const client = new LinkServiceClient(address, credentials.createInsecure(), linkClientOptions);
  const call = client.link();
  const said: BridgeMessage['message'][] = [];
  return new Promise((resolve) => {
    call.on('data', ({ message }: BridgeMessage) => said.push(message));
    call.on('error', () => undefined);
    call.on('status', () => {
      client.close();
      resolve(said);
    });
    const who = { agentId: 'from-the-future', instanceId: 'i-1', agentVersion: '99.0.0', zone: '' };
    call.write({
      message: {
        $case: 'hello',
        value: { ...who, protocolVersions, codecs: [], capabilities: [] },
      },
    });
  });
}

(isUnavailable('postgres') ? describe.skip : describe)(
  'a database that is away at the start',
  () => {
    let fleet: Fleet;
    let postgres: PostgresHandle;
    let bridge: BridgeProgram;
    let agent: AgentProgram;

    beforeAll(async () => {
      fleet = await startFleet({ objectsPerCluster: 60 });
      const kubeconfigFile = join(folder, 'kubeconfig.yaml');
      await writeFile(kubeconfigFile, fleet.kubeconfig());
      postgres = await startPostgres();
      const database = await postgres.createDatabase();
      await postgres.kill('SIGKILL');
      bridge = await startBridgeProgram({ sqlUrl: database.url, untilReady: false });
      agent = await startAgentProgram({
        grpcAddress: bridge.grpcAddress,
        accounts: [{ name: 'patient', kubeconfigFile, kinds: ['pod', 'configMap'] }],
      });
    }, 120_000);

    afterAll(async () => {
      await agent.program.stop();
      await bridge.program.stop();
      await postgres.stop();
      await fleet.stop();
    }, 60_000);

    it('leaves the bridge alive but not ready, with the reason', async () => {
      const reason = await eventually(
        async () => {
          const response = await fetch(`${bridge.url}/readyz`);
          const text = await response.text();
          return response.status === 503 && /refused/i.test(text) && text;
        },
        { what: '/readyz says that the database refuses connections', timeoutMs: 20_000 },
      );

      expect(reason).toContain('"database"');
      expect(reason).not.toContain(new URL(postgres.url).password);
      expect((await fetch(`${bridge.url}/healthz`)).status).toBe(200);
    }, 30_000);

    it('leaves the agent waiting for its link', async () => {
      const link = await eventually(
        async () => {
          const condition = await agentCondition(agent, 'link');
          return condition !== undefined && /refused/i.test(condition.reason) && condition;
        },
        { what: 'the agent says that there is no bridge', timeoutMs: 20_000 },
      );

      expect(link.healthy).toBe(false);
      expect((await fetch(`${agent.url}/health/live`)).status).toBe(200);
    }, 30_000);

    it('is used as soon as it comes, without a restart', async () => {
      const pids = [bridge.program.pid, agent.program.pid];
      await postgres.start();

      const account = await untilAccount(bridge.url, 'patient');

      expect(account.objects).toBeGreaterThan(0);
      expect((await fetch(`${bridge.url}/readyz`)).status).toBe(200);
      expect([bridge.program.pid, agent.program.pid]).toEqual(pids);
    }, 90_000);
  },
);
