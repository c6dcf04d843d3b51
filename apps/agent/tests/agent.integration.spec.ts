/** The whole agent against simulated API servers and a bridge on a real gRPC link. */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startFleet, type Fleet, type FleetOptions } from '@fairlead/cluster-sim';
import { createLogger, loadConfig, type Lifecycle } from '@fairlead/service-kit';
import { agentConfigDefinition } from '../src/config.ts';
import { startAgentService, type AgentService } from '../src/node-agent-service.ts';
import { FakeBridge } from './fake-bridge.ts';

let directory: string;
let bridge: FakeBridge;
let fleet: Fleet;
let service: AgentService;
let configFile: string;
const logged: string[] = [];
const releases: (() => Promise<void> | void)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'fairlead-agent-'));
  configFile = join(directory, 'agent.yaml');
  bridge = new FakeBridge();
  await bridge.start();
  logged.length = 0;
});

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
  bridge.stop();
  await fleet.stop();
  await rm(directory, { recursive: true });
});

interface Account {
  readonly name: string;
  readonly context?: string;
  readonly kinds?: readonly string[];
}

/** The configuration as a file, replaced as a whole like an editor would. */
async function configure(accounts: readonly Account[], more: object = {}): Promise<void> {
  const config = {
    clouddriver: { grpc: bridge.address, insecure: true, auth: { token: 'secret-token-1' } },
    kubernetes: {
      accounts: accounts.map((account) => ({
        kubeconfigFile: join(directory, 'kubeconfig'),
        context: account.name,
        ...account,
      })),
    },
    server: { port: 0 },
    prometheus: { enabled: false },
    ...more,
  };
  await writeFile(`${configFile}.new`, JSON.stringify(config));
  await rename(`${configFile}.new`, configFile);
}

async function start(options: FleetOptions, accounts: readonly Account[], more: object = {}) {
  fleet = await startFleet({ objectsPerCluster: 60, seed: 7, ...options });
  await writeFile(join(directory, 'kubeconfig'), fleet.kubeconfig());
  await configure(accounts, more);
  const sources = { files: [configFile] };
  const loaded = await loadConfig(agentConfigDefinition, sources);
  const { result } = loaded;
  if (result.kind === 'invalid') throw new Error(JSON.stringify(result.problems));
  const log = createLogger({
    name: 'test',
    level: 'debug',
    destination: {
      write: (line: string) => {
        logged.push(line);
        bridge.look();
      },
    },
  });
  const lifecycle: Lifecycle = {
    signal: new AbortController().signal,
    onStop: (_name, release) => void releases.push(release),
    stop: () => undefined,
  };
  service = await startAgentService({ lifecycle, sources, loaded, result, log, version: '0.0.0' });
}

const page = async (path: string) => {
  const reply = await fetch(`http://127.0.0.1:${service.port}${path}`);
  return { status: reply.status, text: await reply.text() };
};

const metric = async (name: string): Promise<number> => {
  const { text } = await page('/metrics');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${name} `));
  return Number(line?.split(' ')[1]);
};

const pods = (account = 'sim-1') => bridge.objects(account, 'pods');

/** Names of the pods that the cluster has. */
async function podsOf(cluster = 'sim-1'): Promise<string[]> {
  const { url } = fleet.cluster(cluster);
  const list = (await (await fetch(`${url}/api/v1/pods`)).json()) as {
    items: { metadata: { namespace: string; name: string } }[];
  };
  return list.items.map(({ metadata: { namespace, name } }) => `${namespace}/${name}`).sort();
}

function createPod(name: string, cluster = 'sim-1', padding = ''): void {
  fleet.cluster(cluster).create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, annotations: { padding } },
    spec: { containers: [{ name: 'main', image: 'nginx' }] },
  });
}

const isStored = (name: string, account = 'sim-1') => pods(account).includes(`default/${name}`);

/** Every feed of an account is past its snapshot. */
const hasSynced = (account = 'sim-1') => {
  const [report] = service.agent.reports().filter(({ name }) => name === account);
  const states = report?.feeds.map(({ status }) => status.state) ?? [];
  const stored = [...bridge.stored].filter(([key]) => key.startsWith(`${account} `));
  const hasCheckpoints = stored.filter(([, feed]) => feed.checkpoint !== undefined).length;
  return hasCheckpoints > 0 && hasCheckpoints === states.length && states.every(isWatching);
};

const isWatching = (state: string) => state === 'watching';

describe('a fresh agent', () => {
  it('sends the whole content of its cluster, then each change', async () => {
    await start({}, [{ name: 'sim-1' }]);
    const expected = await podsOf();
    expect(expected.length).toBeGreaterThan(5);

    await bridge.until(() => JSON.stringify(pods()) === JSON.stringify(expected));
    await bridge.until(() => hasSynced());
    createPod('fresh');
    await bridge.until(() => isStored('fresh'));
    fleet
      .cluster('sim-1')
      .delete({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'fresh' });
    await bridge.until(() => !isStored('fresh'));

    expect(bridge.link.authorization).toBe('Bearer secret-token-1');
    expect(await metric('fairlead_agent_link_up')).toBe(1);
    expect(await metric('fairlead_agent_in_flight_bytes')).toBe(0);
    expect((await page('/health/ready')).status).toBe(200);
  });

  it('never logs, shows or sends a secret', async () => {
    const canary = 'canary-value-0123';
    await start({ canary, objectsPerCluster: 200 }, [{ name: 'sim-1', kinds: ['secret', 'pod'] }]);

    await bridge.until(() => bridge.objects('sim-1', 'secrets').length > 0 && hasSynced());

    const base64 = Buffer.from(canary).toString('base64');
    const sent = [...bridge.link.deltas.values()]
      .flat()
      .map(({ object }) => Buffer.from(object).toString());
    const pages = await Promise.all(
      ['/health', '/accounts', '/watches', '/metrics', '/version'].map(page),
    );
    const all = [...sent, ...logged, ...pages.map(({ text }) => text)].join('\n');
    expect(sent.some((object) => object.includes('"kind":"Secret"'))).toBe(true);
    expect(all).not.toContain(canary);
    expect(all).not.toContain(base64);
    expect(all).not.toContain('secret-token-1');
  });
});

describe('after the link was cut', () => {
  it('resumes every feed at its checkpoint, without a list, and loses nothing', async () => {
    await start({}, [{ name: 'sim-1' }]);
    await bridge.until(() => hasSynced());
    const listsBefore = await metric('fairlead_agent_feed_starts_total{mode="list"}');
    const first = bridge.link;

    bridge.stop();
    await bridge.until(() => first.isOver);
    createPod('while-away');
    await bridge.start();
    await bridge.until(() => bridge.links.length === 2 && isStored('while-away'));

    const initial = [...bridge.link.deltas.values()].flat().filter(({ type }) => type === 'init');
    expect(initial).toEqual([]);
    expect(await metric('fairlead_agent_feed_starts_total{mode="list"}')).toBe(listsBefore);
    expect(await metric('fairlead_agent_feed_starts_total{mode="resume"}')).toBeGreaterThan(0);
  });

  it('stays away as long as the bridge asks', async () => {
    await start({}, [{ name: 'sim-1' }]);
    const first = await bridge.until(() => hasSynced() && bridge.link);

    first.send({ $case: 'reconnect', value: { afterMs: 50, reason: 'rolling update' } });
    await bridge.until(() => first.isOver && bridge.links.length === 2);

    expect(
      logged.some((line) => line.includes('rolling update') && line.includes('"retryInMs":50')),
    ).toBe(true);
  });
});

describe('without credit', () => {
  it('stops reading, and goes on where it stopped when credit comes', async () => {
    let returnsCredit = false;
    bridge.options.creditBytes = () => 1;
    bridge.options.returnsCredit = () => returnsCredit;
    await start({ objectsPerCluster: 3000 }, [{ name: 'sim-1', kinds: ['pod'] }]);
    const expected = await podsOf();
    await bridge.until(() => bridge.link.parts.length === 1);
    const readBefore = await metric('fairlead_agent_bytes_received_total');

    expect(pods().length).toBeLessThan(expected.length);
    expect(readBefore).toBeLessThan(4 * 1024 * 1024);
    expect(await metric('fairlead_agent_in_flight_bytes')).toBeLessThan(1024 * 1024);

    returnsCredit = true;
    const { account, epoch } = [...bridge.link.feeds.values()][0]!;
    bridge.link.send({ $case: 'credit', value: { account, bytes: 1024 * 1024, epoch } });
    await bridge.until(() => JSON.stringify(pods()) === JSON.stringify(expected));
  });

  it('does not hold up another account, however small the budget', async () => {
    bridge.options.creditBytes = (account) => (account === 'sim-1' ? 1 : 1024 * 1024);
    bridge.options.returnsCredit = (account) => account !== 'sim-1';
    const budget = { inFlightBytes: '64KiB', inFlightBytesPerAccount: '64KiB' };

    await start({ clusters: 2, objectsPerCluster: 1000 }, [{ name: 'sim-1' }, { name: 'sim-2' }], {
      budget,
    });
    const expected = await podsOf('sim-2');
    await bridge.until(() => hasSynced('sim-2'));

    expect(pods('sim-2')).toEqual(expected);
    expect(hasSynced('sim-1')).toBe(false);
  });
});

describe('what may leave a cluster', () => {
  it('is cut by a changed policy also from what was stored before it', async () => {
    await start({}, [{ name: 'sim-1', kinds: ['pod'] }]);
    createPod('talkative', 'sim-1', 'not-for-others');
    await bridge.until(() => hasSynced() && isStored('talkative'));
    const objects = () =>
      [...bridge.link.deltas.values()]
        .flat()
        .filter(({ name }) => name === 'talkative')
        .map(({ object }) => Buffer.from(object).toString());
    expect(objects().at(-1)).toContain('not-for-others');
    const before = objects().length;

    const redact = [{ kinds: ['pod'], paths: ['.metadata.annotations.padding'] }];
    await configure([{ name: 'sim-1', kinds: ['pod'] }], { scrubbing: { redact } });
    await bridge.until(() => objects().length > before && hasSynced());

    expect(objects().at(-1)).toContain('"talkative"');
    expect(objects().at(-1)).not.toContain('not-for-others');
    expect(await metric('fairlead_agent_scrubbed_values_total')).toBeGreaterThan(0);
    expect(bridge.links).toHaveLength(1);
  });
});

describe('accounts', () => {
  it('are started and stopped alone when the configuration changes', async () => {
    await start({ clusters: 2 }, [{ name: 'sim-1' }]);
    await bridge.until(() => hasSynced('sim-1'));
    const feedsBefore = [...bridge.link.feeds.keys()];

    await configure([{ name: 'sim-1' }, { name: 'sim-2' }]);
    await bridge.until(() => pods('sim-2').length > 0 && hasSynced('sim-2'));
    const ofFirst = [...bridge.link.feeds.values()].filter(({ account }) => account === 'sim-1');
    expect(ofFirst.map(({ feedId }) => feedId)).toEqual(feedsBefore);

    await configure([{ name: 'sim-2' }]);
    await bridge.until(() =>
      bridge.link.messages.some(
        (message) => message.$case === 'unregisterAccount' && message.value.name === 'sim-1',
      ),
    );
    expect(service.agent.reports().map(({ name }) => name)).toEqual(['sim-2']);
    expect(bridge.links.length).toBe(1);
  });

  it('are left alone when the new configuration is wrong, and it is said', async () => {
    await start({}, [{ name: 'sim-1' }]);
    await bridge.until(() => hasSynced());

    await writeFile(configFile, 'kubernetes: { acounts: [] }');
    await bridge.until(() => logged.some((line) => line.includes('did you mean')));
    createPod('still-fed');
    await bridge.until(() => isStored('still-fed'));

    expect(JSON.parse((await page('/health')).text)).toMatchObject({ status: 'degraded' });
    expect(await metric('fairlead_agent_config_valid')).toBe(0);
  });

  it('that cannot be reached are down alone, with the reason', async () => {
    await start({ clusters: 1 }, [{ name: 'sim-1' }, { name: 'gone', context: 'no-such-context' }]);

    await bridge.until(() => hasSynced());
    const health = JSON.parse((await page('/health')).text) as {
      conditions: { name: string; reason: string }[];
    };
    const condition = health.conditions.find(({ name }) => name === 'account gone');

    expect(condition?.reason).toContain('no-such-context');
    expect((await page('/health/ready')).status).toBe(200);
  });

  it('that cannot be reached come up as soon as their kubeconfig is mended', async () => {
    await start({ clusters: 2 }, [{ name: 'sim-1' }, { name: 'late', context: 'late' }]);
    await bridge.until(() => hasSynced());
    const feedsBefore = bridge.link.feeds.size;

    const mended = fleet.kubeconfig().replaceAll('sim-2', 'late');
    await writeFile(join(directory, 'kubeconfig'), mended);
    await bridge.until(() => hasSynced('late'));

    expect(pods('late')).toEqual(await podsOf('sim-2'));
    const accounts = [...bridge.link.feeds.values()].map(({ account }) => account);
    expect(accounts.filter((name) => name === 'sim-1')).toHaveLength(feedsBefore);
  });

  it('go on while their kubeconfig is only half written', async () => {
    await start({ clusters: 1 }, [{ name: 'sim-1' }]);
    await bridge.until(() => hasSynced());
    const standing = () =>
      service.agent.reports().map(({ state, sinceMs, epoch }) => ({ state, sinceMs, epoch }));
    const before = standing();

    for (const half of ['', fleet.kubeconfig().slice(0, 40)]) {
      await writeFile(join(directory, 'kubeconfig'), half);
      await service.agent.refreshAccounts();
      expect(standing()).toEqual(before);
    }
  });

  it('that are rejected are shown with the reason, and fed once the name is free', async () => {
    bridge.options.judge = () => ({ reject: 'the name belongs to another cluster' });
    await start({}, [{ name: 'sim-1' }]);
    await bridge.until(() => service.agent.reports()[0]?.state === 'rejected');

    expect((await page('/health')).text).toContain('the name belongs to another cluster');
    expect((await page('/accounts?state=rejected')).text).toContain('"total":1');
    bridge.accept(bridge.link, 'sim-1');
    await bridge.until(() => pods().length > 0);
  });

  it('that another agent feeds wait, and are fed when the bridge says so', async () => {
    bridge.options.judge = () => 'standby';
    await start({}, [{ name: 'sim-1' }]);
    await bridge.until(() => service.agent.reports()[0]?.state === 'standby');
    expect(bridge.link.feeds.size).toBe(0);

    bridge.accept(bridge.link, 'sim-1');
    await bridge.until(() => hasSynced());
    const { epoch } = [...bridge.link.feeds.values()][0]!;
    bridge.link.send({ $case: 'accountRevoked', value: { name: 'sim-1', epoch, reason: 'moved' } });
    await bridge.until(() => service.agent.reports()[0]?.state === 'standby');

    expect(service.agent.reports()[0]?.feeds).toEqual([]);
  });
});

describe('an agent that stops', () => {
  it('has everything acknowledged, says goodbye and ends the link', async () => {
    await start({}, [{ name: 'sim-1' }]);
    const link = await bridge.until(() => hasSynced() && bridge.link);

    for (const release of releases.splice(0).reverse()) await release();

    expect(link.messages.at(-1)).toEqual({
      $case: 'goodbye',
      value: { reason: 'the agent stops' },
    });
    await bridge.until(() => link.isOver);
  });
});
