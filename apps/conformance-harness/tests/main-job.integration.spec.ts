// From a real kube-apiserver, through both programs, into each database: exactly what the cluster
// holds, at rest and after a churn.
import { clusterClientFromKubeconfig, type ClusterClient } from '@fairlead/cluster-client';
import {
  acquireMariaDb,
  acquirePostgres,
  isUnavailable,
  type KubeHandle,
  startKube,
} from '@fairlead/testbed';
import {
  churn,
  createAll,
  createDefinition,
  definitionsPath,
  populate,
} from '../src/population/cluster-population.ts';
import { customResourceDefinition, populationKinds } from '../src/population/population.ts';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { allZero, countsOf, runVerify, untilAccount } from './bridge-questions.ts';

const population = { objects: 2_000, namespaces: 8, canary: 'main-job-canary' };
/** How long creates, updates, deletes and label changes are sent, one after the other, in ms. */
const churnMs = 30_000;
const kinds = [
  ...populationKinds.map(({ kind, apiVersion }) =>
    apiVersion.startsWith('stable.example.com') ? `${kind}.stable.example.com` : kind,
  ),
  ...['namespace', 'customResourceDefinition', 'Gadget.stable.example.com'],
];

interface Target {
  readonly name: string;
  readonly unavailable: boolean;
  /** A fresh database: its URL and how to drop it. */
  open(): Promise<{ readonly url: string; close(): Promise<void> }>;
}

const targets: readonly Target[] = [
  {
    name: 'embedded',
    unavailable: false,
    open: () => Promise.resolve({ url: 'embedded:./data', close: () => Promise.resolve() }),
  },
  {
    name: 'PostgreSQL',
    unavailable: isUnavailable('postgres'),
    open: () => openDatabase(acquirePostgres),
  },
  {
    name: 'MariaDB',
    unavailable: isUnavailable('mariadb'),
    open: () => openDatabase(acquireMariaDb),
  },
];

async function openDatabase(acquire: typeof acquirePostgres): ReturnType<Target['open']> {
  const server = await acquire();
  const database = await server.createDatabase();
  return {
    url: database.url,
    close: async () => {
      await database.drop();
      await server[Symbol.asyncDispose]();
    },
  };
}

const describeWithKube = isUnavailable('kube') ? describe.skip : describe;

describeWithKube('the main job', () => {
  let kube: KubeHandle;
  let client: ClusterClient;

  beforeAll(async () => {
    kube = await startKube();
    client = await clusterClientFromKubeconfig({ kubeconfigFile: kube.kubeconfigPath });
    await populate(client, population);
  }, 900_000);

  afterAll(async () => {
    client.close();
    await kube.stop();
  });

  for (const [seed, target] of targets.entries()) {
    (target.unavailable ? describe.skip : describe)(`into ${target.name}`, () => {
      let database: Awaited<ReturnType<Target['open']>>;
      let bridge: BridgeProgram;
      let agent: AgentProgram;

      beforeAll(async () => {
        database = await target.open();
        bridge = await startBridgeProgram({ sqlUrl: database.url });
        const account = { name: 'real', kubeconfigFile: kube.kubeconfigPath, kinds };
        agent = await startAgentProgram({ grpcAddress: bridge.grpcAddress, accounts: [account] });
        await untilAccount(bridge.url, 'real');
      }, 180_000);

      afterAll(async () => {
        await agent.program.stop();
        await bridge.program.stop();
        await database.close();
      }, 60_000);

      const verify = () =>
        runVerify({ kubeconfig: kube.kubeconfigPath, bridgeUrl: bridge.url, account: 'real' });

      it('holds exactly what the cluster holds', async () => {
        const verdict = await verify();

        expect(verdict).toMatchObject({ code: 0 });
        expect(countsOf(verdict)).toEqual(allZero);
      }, 120_000);

      it('holds it again within 2 s of the last of many changes', async () => {
        await createDefinition(client, customResourceDefinition('Gadget', 'gadgets', 'Namespaced'));
        await createAll(client, gadgets);

        const signal = AbortSignal.timeout(churnMs);
        await churn(client, { ...population, steps: Infinity, seed: seed + 1, signal });
        const withGadgets = await verify();
        const gone = await client.request({
          method: 'DELETE',
          path: `${definitionsPath}/gadgets.stable.example.com`,
        });
        await gone.text();
        await churn(client, { ...population, steps: 100, seed: seed + 11 });
        const withoutGadgets = await verify();

        expect(withGadgets).toMatchObject({ code: 0 });
        expect(countsOf(withGadgets)).toEqual(allZero);
        expect(withoutGadgets).toMatchObject({ code: 0 });
        expect(countsOf(withoutGadgets)).toEqual(allZero);
      }, 180_000);
    });
  }
});

const gadgets = Array.from({ length: 12 }, (_, index) => ({
  collection: '/apis/stable.example.com/v1/namespaces/team-0/gadgets',
  manifest: {
    apiVersion: 'stable.example.com/v1',
    kind: 'Gadget',
    metadata: { name: `gadget-${String(index)}`, namespace: 'team-0' },
  },
}));
