// Connections that fall silent without being closed, with the programs' own default configuration:
// between an agent and its API servers, and between agent and bridge in each direction. All at the
// same time, since each takes its time: within 90 seconds everything is replaced, and nothing is lost.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, type SimCluster, startFleet } from '@fairlead/cluster-sim';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { type BlackHole, startBlackHole } from './black-hole.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const kinds = ['pod', 'configMap', 'deployment'];
const promisedMs = 90_000;
const marker = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'marker' };

/** One account, its cluster, and the network that it depends on. */
interface Scene {
  readonly account: string;
  readonly cluster: SimCluster;
  /** Of the cluster itself, for whoever verifies. */
  readonly kubeconfig: string;
  readonly agent: AgentProgram;
  readonly network: BlackHole;
  readonly lost: 'up' | 'down' | 'both';
}

describe('connections that fall silent', () => {
  const stack = new AsyncDisposableStack();
  let folder: string;
  let bridge: BridgeProgram;
  const scenes = new Map<string, Scene>();
  /** Connections that were swallowed, by account. */
  const swallowed = new Map<string, number>();
  const recoveredMs = new Map<string, number>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fairlead-black-hole-'));
    stack.defer(() => rm(folder, { recursive: true }));
    const clear = await fleetOf({ clusters: 3 });
    const secure = await fleetOf({ clusters: 1, tls: true });
    bridge = await startBridgeProgram({ sqlUrl: 'embedded:./data' });
    stack.defer(() => bridge.program.stop());

    const [first, second, third] = clear.clusters as [SimCluster, SimCluster, SimCluster];
    await besideApiServer('http/1.1', { fleet: clear, cluster: first });
    await besideApiServer('http/2', { fleet: secure, cluster: secure.clusters[0]! });
    await besideBridge('towards the bridge', { fleet: clear, cluster: second, lost: 'up' });
    await besideBridge('from the bridge', { fleet: clear, cluster: third, lost: 'down' });
    for (const { account } of scenes.values()) await untilAccount(bridge.url, account);

    const startMs = performance.now();
    for (const [name, { network, lost }] of scenes) swallowed.set(name, network.swallow(lost));
    for (const { cluster } of scenes.values()) change(cluster);
    await Promise.all(
      [...scenes].map(async ([name, { account, network }]) => {
        await eventually(async () => network.connectionsSince() > 0 && (await isStored(account)), {
          what: `${name}: replaced, and what changed is stored`,
          timeoutMs: promisedMs,
        });
        recoveredMs.set(name, performance.now() - startMs);
      }),
    );
  }, 240_000);

  afterAll(() => stack.disposeAsync(), 60_000);

  async function fleetOf(options: { clusters: number; tls?: boolean }): Promise<Fleet> {
    const fleet = await startFleet({ objectsPerCluster: 200, seed: scenes.size, ...options });
    stack.defer(() => fleet.stop());
    return fleet;
  }

  async function besideApiServer(
    name: string,
    { fleet, cluster }: { fleet: Fleet; cluster: SimCluster },
  ): Promise<void> {
    const network = await blackHole(new URL(cluster.url).host);
    const agentKubeconfig = await kubeconfigOf(fleet, (text) =>
      text.replaceAll(new URL(cluster.url).host, network.address),
    );
    await addScene(
      name,
      { fleet, cluster, network, lost: 'both' },
      {
        kubeconfigFile: agentKubeconfig,
        grpcAddress: bridge.grpcAddress,
      },
    );
  }

  async function besideBridge(
    name: string,
    { lost, ...of }: { fleet: Fleet; cluster: SimCluster; lost: 'up' | 'down' },
  ): Promise<void> {
    const network = await blackHole(bridge.grpcAddress);
    await addScene(
      name,
      { ...of, network, lost },
      {
        kubeconfigFile: await kubeconfigOf(of.fleet),
        grpcAddress: network.address,
      },
    );
  }

  async function addScene(
    name: string,
    of: Pick<Scene, 'cluster' | 'network' | 'lost'> & { fleet: Fleet },
    { kubeconfigFile, grpcAddress }: { kubeconfigFile: string; grpcAddress: string },
  ): Promise<void> {
    const { fleet, cluster, network, lost } = of;
    const account = `account-${String(scenes.size + 1)}`;
    const agent = await startAgentProgram({
      grpcAddress,
      accounts: [{ name: account, kubeconfigFile, context: cluster.name, kinds }],
      // All four run on one machine; everything else is as it is by default.
      config: { agent: { id: account } },
    });
    stack.defer(() => agent.program.stop());
    const kubeconfig = await kubeconfigOf(fleet);
    scenes.set(name, { account, cluster, kubeconfig, agent, network, lost });
  }

  async function blackHole(target: string): Promise<BlackHole> {
    const network = await startBlackHole(target);
    stack.use(network);
    return network;
  }

  let files = 0;
  async function kubeconfigOf(fleet: Fleet, edit = (text: string) => text): Promise<string> {
    files += 1;
    const file = join(folder, `kubeconfig-${String(files)}.yaml`);
    await writeFile(file, edit(fleet.kubeconfig()));
    return file;
  }

  async function isStored(account: string): Promise<boolean> {
    const { namespace, name } = marker;
    const path = `objects/${account}/configMap/${namespace}/${name}`;
    return (await fetch(`${bridge.url}/api/v1/${path}`)).ok;
  }

  it.each(['http/1.1', 'http/2', 'towards the bridge', 'from the bridge'])(
    'are replaced within 90 seconds: %s',
    (name) => {
      expect(swallowed.get(name)).toBeGreaterThan(0);
      expect(scenes.get(name)?.network.connectionsSince()).toBeGreaterThan(0);
      expect(recoveredMs.get(name)).toBeLessThan(promisedMs);
      // Else nothing was ever silent.
      expect(recoveredMs.get(name)).toBeGreaterThan(5_000);
    },
  );

  it.each(['http/1.1', 'http/2', 'towards the bridge', 'from the bridge'])(
    'lose nothing, and list nothing again: %s',
    async (name) => {
      const { account, cluster, kubeconfig, agent } = scenes.get(name)!;
      // One feed's connection may be noticed a little after another's.
      await eventually(
        async () =>
          sumOf(await agent.metrics(), 'fairlead_agent_feeds', { state: 'watching' }) ===
          kinds.length,
        { what: 'every feed watches', timeoutMs: promisedMs },
      );
      const verdict = await runVerify({
        kubeconfig,
        context: cluster.name,
        bridgeUrl: bridge.url,
        account,
      });

      expect(countsOf(verdict)).toEqual(allZero);
      expect(verdict.code).toBe(0);
      expect(sumOf(await agent.metrics(), 'fairlead_agent_relists_total')).toBe(0);
    },
    120_000,
  );
});

/** Of everything something: created, changed, deleted. */
function change(cluster: SimCluster): void {
  cluster.create({ ...typeOf(marker), metadata: metadataOf(marker), data: { a: 'b' } });
  const pods = cluster.list({ apiVersion: 'v1', kind: 'Pod' }).slice(0, 4);
  for (const [index, { metadata }] of pods.entries()) {
    const { namespace, name } = metadata as { namespace: string; name: string };
    const ref = { apiVersion: 'v1', kind: 'Pod', namespace, name };
    if (index < 2) cluster.delete(ref);
    else cluster.patch(ref, { metadata: { labels: { round: 'two' } } });
  }
}

function typeOf({ apiVersion, kind }: typeof marker) {
  return { apiVersion, kind };
}

function metadataOf({ namespace, name }: typeof marker) {
  return { namespace, name };
}
