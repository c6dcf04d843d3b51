// The agent's configuration file changes while it runs: accounts are added, changed and removed
// without a restart, each for itself; a wrong file changes nothing.
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import { parse, stringify } from 'yaml';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { agentAccounts, agentCondition, agentHealth } from './agent-questions.ts';
import { feedsOf, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

type Account = Readonly<Record<string, unknown>> & { readonly name: string };

/** "Within seconds": the slowest way is a poll every 5 s, when the file system tells nothing. */
const seconds = { timeoutMs: 10_000 };

describe('a configuration that changes while the agent runs', () => {
  let fleet: Fleet;
  let folder: string;
  let bridge: BridgeProgram;
  let agent: AgentProgram;
  let pid: number | undefined;
  let quiet: Account;
  let busy: Account;
  /** Epoch and start of the account that nobody touches. */
  let quietBefore: object;
  /** Feeds that the agent is to have started so far. */
  let starts: number;

  beforeAll(async () => {
    fleet = await startFleet({ clusters: 3, objectsPerCluster: 80 });
    folder = await mkdtemp(join(tmpdir(), 'fairlead-reload-'));
    const kubeconfigFile = join(folder, 'kubeconfig.yaml');
    await writeFile(kubeconfigFile, fleet.kubeconfig());
    quiet = { name: 'quiet', kubeconfigFile, context: 'sim-1', kinds: ['pod', 'service'] };
    busy = { name: 'busy', kubeconfigFile, context: 'sim-2', kinds: ['pod', 'configMap'] };
    bridge = await startBridgeProgram({
      sqlUrl: 'embedded:./data',
      config: { registry: { gracePeriodSeconds: 3 } },
    });
    agent = await startAgentProgram({ grpcAddress: bridge.grpcAddress, accounts: [quiet] });
    await untilAccount(bridge.url, 'quiet');
    pid = agent.program.pid;
    quietBefore = await standingOf('quiet');
    starts = 2;
  }, 120_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    await fleet.stop();
    await rm(folder, { recursive: true });
  }, 60_000);

  afterEach(async () => {
    // Whatever was done to others.
    expect(await standingOf('quiet')).toEqual(quietBefore);
    expect(await feedStarts()).toBe(starts);
    expect(agent.program.pid).toBe(pid);
  });

  const feedStarts = async () => sumOf(await agent.metrics(), 'fairlead_agent_feed_starts_total');
  const kindsOf = async (name: string) =>
    (await feedsOf(bridge.url, name))
      .filter(({ state }) => state === 'watching')
      .map(({ kind }) => kind)
      .sort();

  async function standingOf(name: string): Promise<object> {
    const { state, since, epoch } = (await agentAccounts(agent)).get(name)!;
    return { state, since, epoch };
  }

  /** The configuration file's text with other accounts, all else the same. */
  async function textWith(...accounts: readonly Account[]): Promise<string> {
    const config = parse(await readFile(agent.configFile, 'utf8')) as Record<string, unknown>;
    return stringify({ ...config, kubernetes: { accounts } });
  }

  /** Replaces the file as an editor does: a new one is renamed over it. */
  async function save(text: string): Promise<void> {
    const draft = `${agent.configFile}.draft`;
    await writeFile(draft, text);
    await rename(draft, agent.configFile);
  }

  function untilKinds(name: string, kinds: readonly string[]): Promise<unknown> {
    return eventually(async () => JSON.stringify(await kindsOf(name)) === JSON.stringify(kinds), {
      ...seconds,
      what: `${name} has the kinds ${kinds.join(', ')}`,
    });
  }

  it('adds an account', async () => {
    await save(await textWith(quiet, busy));
    await untilKinds('busy', ['configMap', 'pod']);
    starts += 2;

    const { objects } = await untilAccount(bridge.url, 'busy');
    expect(objects).toBeGreaterThan(0);
  }, 60_000);

  it("changes an account's kinds, and takes away the rows of those that it has no more", async () => {
    busy = { ...busy, kinds: ['configMap', 'deployment'] };
    await save(await textWith(quiet, busy));
    await untilKinds('busy', ['configMap', 'deployment']);
    // configMap goes on at its checkpoint, deployment is listed.
    starts += 2;

    await untilAccount(bridge.url, 'busy');
    await eventually(async () => (await rowsOf('busy', 'pod')) === 0, {
      what: 'the rows of the kind that is gone are gone',
    });
    expect(await rowsOf('busy', 'deployment')).toBeGreaterThan(0);
    expect(await rowsOf('quiet', 'pod')).toBeGreaterThan(0);
  }, 60_000);

  it.each([
    ['is not YAML', 'kubernetes: [', /config\.yaml:1/],
    ['holds nothing any more', '', /config\.yaml: error: is empty/],
    [
      'has a mistake',
      'clouddriver: { grcp: x }\nkubernetes: { accounts: [] }\n',
      /config\.yaml:1:\d+: error: clouddriver\.grcp: .*did you mean "grpc"/,
    ],
  ])(
    'that %s is not taken over, and this is shown until it is mended',
    async (_, wrong, reason) => {
      const right = await readFile(agent.configFile, 'utf8');
      const before = await standingOf('busy');
      const rejected = await reloads('rejected');
      await save(wrong);
      const condition = await eventually(
        async () => {
          const found = await agentCondition(agent, 'configuration');
          return found?.healthy === false && found;
        },
        { ...seconds, what: 'the health says that the file is wrong' },
      );

      expect(condition.reason).toMatch(reason);
      expect(await agentHealth(agent)).toMatchObject({ httpStatus: 200, status: 'degraded' });
      expect(await configValid()).toBe(0);
      expect(await reloads('rejected')).toBe(rejected + 1);
      expect(await standingOf('busy')).toEqual(before);

      await save(right);
      await eventually(async () => (await agentCondition(agent, 'configuration'))?.healthy, {
        ...seconds,
        what: 'the health says that the file is right again',
      });
      expect(await configValid()).toBe(1);
      expect(await standingOf('busy')).toEqual(before);
    },
    60_000,
  );

  const configValid = async () => sumOf(await agent.metrics(), 'fairlead_agent_config_valid');
  const reloads = async (result: string) =>
    sumOf(await agent.metrics(), 'fairlead_agent_config_reloads_total', { result });

  it('removes an account, and its rows after the grace period', async () => {
    await save(await textWith(quiet));
    await eventually(async () => !(await agentAccounts(agent)).has('busy'), {
      ...seconds,
      what: 'the agent has the account no more',
    });

    expect(await agentCondition(agent, 'account busy')).toBeUndefined();
    await eventually(
      async () => (await fetch(`${bridge.url}/api/v1/accounts/busy`)).status === 404,
      { what: 'the bridge has the account no more', timeoutMs: 30_000 },
    );
    expect(await rowsOf('busy', 'configMap')).toBe(0);
  }, 60_000);

  it('is followed through the symbolic links of a ConfigMap', async () => {
    await becomeConfigMap(await readFile(agent.configFile, 'utf8'));
    const third = { ...quiet, name: 'third', context: 'sim-3', kinds: ['pod'] };
    const text = await textWith(quiet, third);
    await swapConfigMap('v2', text);
    await untilKinds('third', ['pod']);
    starts += 1;

    await swapConfigMap('v3', await textWith(quiet));
    await eventually(async () => !(await agentAccounts(agent)).has('third'), {
      ...seconds,
      what: 'the account of the second version is gone',
    });
  }, 60_000);

  /** How the kubelet lays out a volume: `config.yaml -> ..data/config.yaml`, `..data -> ..v1`. */
  async function becomeConfigMap(text: string): Promise<void> {
    const { directory } = agent.program;
    await swapConfigMap('v1', text);
    const link = join(directory, 'link');
    await symlink(join('..data', 'config.yaml'), link);
    await rename(link, agent.configFile);
  }

  /** What the kubelet does for a new version: writes it aside, then moves `..data` over. */
  async function swapConfigMap(version: string, text: string): Promise<void> {
    const { directory } = agent.program;
    await mkdir(join(directory, `..${version}`));
    await writeFile(join(directory, `..${version}`, 'config.yaml'), text);
    const link = join(directory, '..data_tmp');
    await symlink(`..${version}`, link);
    await rename(link, join(directory, '..data'));
  }

  /** Rows of one kind, up to a page of them. */
  async function rowsOf(account: string, kind: string): Promise<number> {
    const query = new URLSearchParams({ account, kind, limit: '100' });
    const response = await fetch(`${bridge.url}/api/v1/objects?${query.toString()}`);
    if (!response.ok) throw new Error(`objects answered ${String(response.status)}`);
    return ((await response.json()) as { readonly items: readonly unknown[] }).items.length;
  }
});
