// kill -9 of each part in the middle of a churn: nothing is lost, and feeds go on at their
// checkpoints instead of listing again.
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import {
  isUnavailable,
  type KubeHandle,
  type PostgresHandle,
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
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const population = { objects: 400, namespaces: 4, canary: 'crash-canary' };
const kinds = [
  'pod',
  'configMap',
  'secret',
  'deployment',
  'replicaSet',
  'service',
  'namespace',
  'CronTab.stable.example.com',
];

const describeWithServers =
  isUnavailable('kube') || isUnavailable('postgres') ? describe.skip : describe;

describeWithServers('kill -9 during a churn', () => {
  let kube: KubeHandle;
  let postgres: PostgresHandle;
  let client: ClusterClient;
  let bridge: BridgeProgram;
  let agent: AgentProgram;

  beforeAll(async () => {
    [kube, postgres] = await Promise.all([startKube(), startPostgres()]);
    client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await populate(client, population);
    const database = await postgres.createDatabase();
    bridge = await startBridgeProgram({ sqlUrl: database.url });
    const account = { name: 'real', kubeconfigFile: kube.kubeconfigPath, kinds };
    agent = await startAgentProgram({ grpcAddress: bridge.grpcAddress, accounts: [account] });
    await untilAccount(bridge.url, 'real');
  }, 900_000);

  afterAll(async () => {
    await agent.program.stop();
    await bridge.program.stop();
    client.close();
    await Promise.all([kube.stop(), postgres.stop()]);
  }, 60_000);

  const verify = () =>
    runVerify({ kubeconfig: kube.kubeconfigPath, bridgeUrl: bridge.url, account: 'real' });
  const feedStarts = async (mode: 'list' | 'resume') =>
    sumOf(await agent.metrics(), 'fairlead_agent_feed_starts_total', { mode });
  const relists = async () => sumOf(await agent.metrics(), 'fairlead_agent_relists_total');

  /** Churns, and in the middle of it does `crash`. */
  async function churnAround(seed: number, crash: () => Promise<void>): Promise<void> {
    const churning = churn(client, { ...population, steps: 400, seed });
    await crash();
    await churning;
  }

  it('of the database loses nothing and lists nothing again', async () => {
    const listedBefore = await feedStarts('list');

    await churnAround(1, async () => {
      await postgres.kill('SIGKILL');
      await postgres.start();
    });
    const verdict = await eventually(async () => settled(await verify()), {
      what: 'verify is all zero',
    });

    expect(countsOf(verdict)).toEqual(allZero);
    expect(await feedStarts('list')).toBe(listedBefore);
    expect(await relists()).toBe(0);
  }, 180_000);

  it('of the bridge loses nothing, and every feed resumes at its checkpoint', async () => {
    const listedBefore = await feedStarts('list');
    const resumedBefore = await feedStarts('resume');

    await churnAround(2, async () => {
      await bridge.program.kill('SIGKILL');
      await bridge.program.start();
    });
    await untilAccount(bridge.url, 'real');
    const verdict = await eventually(async () => settled(await verify()), {
      what: 'verify is all zero',
    });

    expect(countsOf(verdict)).toEqual(allZero);
    expect(await feedStarts('list')).toBe(listedBefore);
    expect(await feedStarts('resume')).toBeGreaterThanOrEqual(resumedBefore + kinds.length);
    expect(await relists()).toBe(0);
  }, 180_000);

  it('of the agent loses nothing, and every feed of the new one resumes at its checkpoint', async () => {
    await churnAround(3, async () => {
      await agent.program.kill('SIGKILL');
      await agent.program.start();
    });
    await untilAccount(bridge.url, 'real');
    const verdict = await eventually(async () => settled(await verify()), {
      what: 'verify is all zero',
    });

    expect(countsOf(verdict)).toEqual(allZero);
    expect(await feedStarts('list')).toBe(0);
    expect(await feedStarts('resume')).toBeGreaterThanOrEqual(kinds.length);
    expect(await relists()).toBe(0);
  }, 180_000);
});

function settled(verdict: Awaited<ReturnType<typeof runVerify>>) {
  return verdict.code === 0 && verdict;
}
