// A cluster was rebuilt: its agent has the old name and another kube-apiserver. It is rejected until
// somebody gives the name to the new cluster; then nothing of the old one is left.
import { clusterClientFromKubeconfig } from '@fairlead/cluster-client';
import {
  acquirePostgres,
  isUnavailable,
  type KubeHandle,
  type SqlDatabase,
  type SqlServer,
  startKube,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { sumOf } from '../src/installation/prometheus-text.ts';
import { populate } from '../src/population/cluster-population.ts';
import { accountAt, rowsOf } from './account-questions.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';
import { eventually } from './eventually.ts';

const kinds = ['pod', 'configMap', 'deployment', 'replicaSet', 'service', 'namespace'];

const describeWithServers =
  isUnavailable('kube') || isUnavailable('postgres') ? describe.skip : describe;

describeWithServers('a name whose cluster was rebuilt', () => {
  let old: KubeHandle;
  let rebuilt: KubeHandle;
  let postgres: SqlServer;
  let database: SqlDatabase;
  let bridge: BridgeProgram;
  let oldAgent: AgentProgram;
  let newAgent: AgentProgram;

  beforeAll(async () => {
    [old, rebuilt, postgres] = await Promise.all([startKube(), startKube(), acquirePostgres()]);
    await fill(old, { objects: 200, namespaces: 3, canary: 'old-canary' });
    await fill(rebuilt, { objects: 150, namespaces: 2, canary: 'new-canary' });
    database = await postgres.createDatabase();
    bridge = await startBridgeProgram({ sqlUrl: database.url });
    oldAgent = await startFor(old);
    await untilAccount(bridge.url, 'prod');
    newAgent = await startFor(rebuilt);
  }, 900_000);

  afterAll(async () => {
    await Promise.all([oldAgent.program.stop(), newAgent.program.stop()]);
    await bridge.program.stop();
    await database.drop();
    await postgres[Symbol.asyncDispose]();
    await Promise.all([old.stop(), rebuilt.stop()]);
  }, 60_000);

  async function fill(kube: KubeHandle, population: Parameters<typeof populate>[1]): Promise<void> {
    const client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await populate(client, population);
    client.close();
    const path = '/api/v1/namespaces/default/configmaps';
    const name = kube === old ? 'only-in-the-old' : 'only-in-the-new';
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    await kube.request({ method: 'POST', path, body });
  }

  function startFor(kube: KubeHandle): Promise<AgentProgram> {
    return startAgentProgram({
      grpcAddress: bridge.grpcAddress,
      accounts: [{ name: 'prod', kubeconfigFile: kube.kubeconfigPath, kinds }],
    });
  }

  const verify = (kube: KubeHandle) =>
    runVerify({ kubeconfig: kube.kubeconfigPath, bridgeUrl: bridge.url, account: 'prod' });

  it('is refused to the new cluster, and the old one is not disturbed', async () => {
    await eventually(
      async () =>
        (await newAgent.program.readLog()).includes('the name belongs to another cluster'),
      { what: 'the new agent is rejected' },
    );

    expect(countsOf(await verify(old))).toEqual(allZero);
    expect((await accountAt(bridge.url, 'prod'))?.cluster.server).toBe(old.url);
  }, 120_000);

  it('is given to the new cluster, with every row of its own and none of the old', async () => {
    // Rebuilt means that the old one is gone.
    await old.kill('SIGKILL');

    const answer = await fetch(`${bridge.url}/api/v1/accounts/prod/move`, { method: 'POST' });
    expect(answer.status).toBe(202);
    await eventually(
      async () => {
        const account = await accountAt(bridge.url, 'prod');
        return account?.state === 'synced' && account.cluster.server === rebuilt.url;
      },
      { what: 'the new cluster is synced' },
    );

    expect(countsOf(await verify(rebuilt))).toEqual(allZero);
    const configMaps = await database.query(`SELECT id FROM "cats_v1_configmap" ORDER BY id`);
    const names = configMaps.map(({ id }) => String(id).split(':').at(-1));
    expect(names).toContain('only-in-the-new');
    expect(names).not.toContain('only-in-the-old');
    expect(
      sumOf(await newAgent.metrics(), 'fairlead_agent_feed_starts_total', { mode: 'resume' }),
    ).toBe(0);
    expect(await rowsOf(database, 'prod')).toBeGreaterThan(150);
  }, 120_000);

  it('is refused to the old cluster from then on', async () => {
    await old.start();
    await oldAgent.program.restart();
    await eventually(
      async () =>
        (await oldAgent.program.readLog()).includes('the name belongs to another cluster'),
      { what: 'the old agent is rejected' },
    );

    expect(countsOf(await verify(rebuilt))).toEqual(allZero);
  }, 120_000);
});
