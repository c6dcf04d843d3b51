// Two replicas of one agent offer the same account: one feeds, the other stands by. Whatever becomes
// of the one that feeds, the other goes on at its checkpoints.
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import {
  isUnavailable,
  type KubeHandle,
  type PostgresHandle,
  type SqlDatabase,
  startKube,
  startPostgres,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { churn, populate } from '../src/population/cluster-population.ts';
import { accountAt, epochOf, rolesAt } from './account-questions.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const population = { objects: 300, namespaces: 3, canary: 'replica-canary' };
const kinds = ['pod', 'configMap', 'deployment', 'replicaSet', 'service', 'namespace'];
const permissions = { READ: ['team-a'], WRITE: ['team-a'] };

const describeWithServers =
  isUnavailable('kube') || isUnavailable('postgres') ? describe.skip : describe;

describeWithServers('replicas of an agent', () => {
  let kube: KubeHandle;
  let postgres: PostgresHandle;
  let database: SqlDatabase;
  let client: ClusterClient;
  let bridge: BridgeProgram;
  let feeder: AgentProgram;
  let standby: AgentProgram;

  beforeAll(async () => {
    [kube, postgres] = await Promise.all([startKube(), startPostgres()]);
    client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await populate(client, population);
    database = await postgres.createDatabase();
    bridge = await startBridgeProgram({ sqlUrl: database.url });
    feeder = await startReplica();
    await untilAccount(bridge.url, 'real');
    standby = await startReplica();
    await untilRoles('active', 'standby');
  }, 900_000);

  afterAll(async () => {
    await Promise.all([feeder.program.stop(), standby.program.stop()]);
    await bridge.program.stop();
    client.close();
    await Promise.all([kube.stop(), postgres.stop()]);
  }, 60_000);

  function startReplica(): Promise<AgentProgram> {
    return startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      config: { agent: { id: 'one-deployment' } },
      accounts: [{ name: 'real', kubeconfigFile: kube.kubeconfigPath, kinds, permissions }],
    });
  }

  function untilRoles(...roles: string[]): Promise<unknown> {
    const areAsWanted = async () =>
      JSON.stringify(await rolesAt(bridge.url, 'real')) === JSON.stringify(roles);
    return eventually(areAsWanted, { what: `the agents are ${roles.join(', ')}` });
  }

  /** Until another epoch than `before` is fed. */
  async function takenOver(before: number, withinMs: number): Promise<void> {
    await eventually(async () => (await epochOf(database, 'real')) > before, {
      ...{ what: 'another epoch', timeoutMs: withinMs },
    });
  }

  const feedStarts = async (agent: AgentProgram, mode: 'list' | 'resume') =>
    sumOf(await agent.metrics(), 'fairlead_agent_feed_starts_total', { mode });
  const verified = async () => {
    const verdict = await eventually(
      async () => {
        const verify = { kubeconfig: kube.kubeconfigPath, bridgeUrl: bridge.url, account: 'real' };
        const answer = await runVerify(verify);
        return answer.code === 0 && answer;
      },
      { what: 'verify is all zero' },
    );
    return countsOf(verdict);
  };

  it('show which cluster the account is, and its properties', async () => {
    const { body } = await kube.request({ path: '/api/v1/namespaces/kube-system' });
    const { uid } = (body as { metadata: { uid: string } }).metadata;

    expect(await accountAt(bridge.url, 'real')).toMatchObject({
      ...{ agent: 'one-deployment', state: 'synced', properties: { permissions } },
      cluster: {
        server: kube.url,
        certificateFingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
        ...{ version: kube.version, uid },
      },
    });
  });

  it('replace a feeder that is killed within 5 s, without a list', async () => {
    const epoch = await epochOf(database, 'real');

    await feeder.program.kill('SIGKILL');
    await takenOver(epoch, 5000);
    await untilAccount(bridge.url, 'real');

    expect(await feedStarts(standby, 'list')).toBe(0);
    expect(await feedStarts(standby, 'resume')).toBeGreaterThanOrEqual(kinds.length);
    await churn(client, { ...population, steps: 100, seed: 1 });
    expect(await verified()).toEqual(allZero);
    await feeder.program.start();
    await untilRoles('active', 'standby');
    expect(await feedStarts(feeder, 'resume')).toBe(0);
  }, 120_000);

  it('replace a feeder that is paused for a minute, which then stands by and writes nothing', async () => {
    const epoch = await epochOf(database, 'real');
    const pausedAtMs = Date.now();
    await standby.program.pause();

    await takenOver(epoch, 45_000);
    await untilAccount(bridge.url, 'real');
    await churn(client, { ...population, steps: 200, seed: 2 });
    const taken = await epochOf(database, 'real');
    await new Promise((resolve) => setTimeout(resolve, pausedAtMs + 60_000 - Date.now()));
    await standby.program.resume();
    await churn(client, { ...population, steps: 100, seed: 3 });
    await untilRoles('active', 'standby');

    expect(await verified()).toEqual(allZero);
    expect(await epochOf(database, 'real')).toBe(taken);
    expect(await feedStarts(feeder, 'list')).toBe(0);
    expect(sumOf(await bridge.metrics(), 'fairlead_bridge_deltas_dropped_total')).toBe(0);
  }, 180_000);
});
