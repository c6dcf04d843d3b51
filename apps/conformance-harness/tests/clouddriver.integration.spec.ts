// An unmodified Clouddriver reads what the bridge wrote: a real kube-apiserver, both programs, and
// the database whose tables Clouddriver's own migrations made.
import {
  acquireMariaDb,
  acquirePostgres,
  type ClouddriverHandle,
  isUnavailable,
  type KubeHandle,
  mayHaveClouddriver,
  type SqlDatabase,
  type SqlServer,
  startClouddriver,
  startKube,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { untilAccount } from './bridge-questions.ts';
import {
  askClouddriver,
  collections,
  createShop,
  type Named,
  namesOf,
  type ShownServerGroup,
  shopPod,
} from './clouddriver-questions.ts';
import { eventually } from './eventually.ts';

const targets = [
  { name: 'PostgreSQL', server: 'postgres', acquire: acquirePostgres },
  { name: 'MariaDB', server: 'mariadb', acquire: acquireMariaDb },
] as const;

const account = 'prod-eu';
const role = 'team-a';
const gracePeriodSeconds = 2;
/** Nobody asks it here: what is read comes from the database. */
const gatewayUrl = 'http://127.0.0.1:9';
const startMs = 420_000;

const describeHere = mayHaveClouddriver(process.env) && !isUnavailable('kube');

(describeHere ? describe : describe.skip)('an unmodified Clouddriver', () => {
  let kube: KubeHandle;
  let replicaSet: string;

  beforeAll(async () => {
    kube = await startKube();
    replicaSet = await createShop(kube);
  }, 900_000);

  afterAll(() => kube.stop());

  for (const target of targets) {
    (isUnavailable(target.server) ? describe.skip : describe)(`on ${target.name}`, () => {
      let server: SqlServer;
      let database: SqlDatabase;
      let bridge: BridgeProgram;
      let agent: AgentProgram | undefined;
      let clouddriver: ClouddriverHandle;
      let waitedFor: string;

      beforeAll(async () => {
        server = await target.acquire();
        database = await server.createDatabase();
        bridge = await startBridgeProgram({
          sqlUrl: database.url,
          untilReady: false,
          config: {
            sql: { url: database.url, schema: 'clouddriver' },
            registry: { gracePeriodSeconds },
            clouddriver: { accounts: { enabled: true, gatewayUrl } },
          },
        });
        waitedFor = await eventually(() => readiness(bridge.url), { what: 'the bridge waits' });
        clouddriver = await startClouddriver({ databaseUrl: database.url });
        agent = await startAgentProgram({
          grpcAddress: bridge.grpcAddress,
          accounts: [
            {
              ...{ name: account, kubeconfigFile: kube.kubeconfigPath, environment: 'production' },
              permissions: { READ: [role], WRITE: [role] },
            },
          ],
        });
        await untilAccount(bridge.url, account);
      }, startMs);

      afterAll(async () => {
        await agent?.program.stop();
        await bridge.program.stop();
        await clouddriver.stop();
        await database.drop();
        await server[Symbol.asyncDispose]();
      }, 60_000);

      const ask = <T>(path: string) => askClouddriver<T>(clouddriver.url, path);
      const pod = (name: string) => `/instances/${account}/shop-prod/pod%20${name}`;

      it('makes its own tables, and the bridge waits for them', () => {
        expect(waitedFor).toContain('Clouddriver has not made');
      });

      it('knows the account that an agent has registered, with its permissions', async () => {
        const shown = await eventually(() => accountOf(clouddriver.url), { what: 'the account' });

        expect(shown).toMatchObject({
          ...{ name: account, type: 'kubernetes', environment: 'production' },
          permissions: { READ: [role], WRITE: [role] },
        });
      });

      it('shows the application with its clusters and server groups', async () => {
        const applications = await ask<Named[]>('/applications');
        const clusters = await ask<Record<string, string[]>>('/applications/shop/clusters');
        const groups = await ask<ShownServerGroup[]>('/applications/shop/serverGroups');

        expect(namesOf(applications)).toEqual(['shop']);
        expect(clusters[account]?.sort()).toEqual(['deployment shop-web', 'shop-db']);
        expect(namesOf(groups)).toEqual(['replicaSet shop-web-5d9c7b', 'statefulSet shop-db']);
        expect(groups.find(({ name }) => name.startsWith('replicaSet'))).toMatchObject({
          ...{ cluster: 'deployment shop-web', region: 'shop-prod', capacity: { desired: 2 } },
          instances: [{ name: 'pod shop-web-5d9c7b-a' }, { name: 'pod shop-web-5d9c7b-b' }],
          serverGroupManagers: [{ name: 'shop-web' }],
        });
        expect(groups.find(({ name }) => name.startsWith('statefulSet'))).toMatchObject({
          ...{ cluster: 'shop-db', loadBalancers: ['service shop-db'] },
        });
      });

      it('shows load balancers, instances, raw resources, and finds by name', async () => {
        const balancers = await ask<Named[]>('/applications/shop/loadBalancers');
        const instance = await ask<{ humanReadableName: string }>(pod('shop-web-5d9c7b-a'));
        const raw = await ask<Named[]>('/applications/shop/rawResources');
        const [found] = await ask<{ results: Named[] }[]>(
          '/search?q=shop-edge&type=loadBalancers&platform=kubernetes',
        );

        expect(namesOf(balancers)).toEqual([
          ...['ingress shop-edge', 'service shop-db', 'service shop-web'],
        ]);
        expect(instance.humanReadableName).toBe('pod shop-web-5d9c7b-a');
        expect(namesOf(raw)).toEqual([
          ...['deployment shop-web', 'ingress shop-edge', 'networkPolicy shop-policy'],
          ...['replicaSet shop-web-5d9c7b', 'service shop-db', 'service shop-web'],
          'statefulSet shop-db',
        ]);
        expect(new Set(found?.results.map(({ name }) => name))).toEqual(
          new Set(['ingress shop-edge']),
        );
      });

      it('follows what is created, changed and deleted', async () => {
        const groupOf = async () =>
          (await ask<ShownServerGroup[]>('/applications/shop/serverGroups')).find(({ name }) =>
            name.startsWith('replicaSet'),
          );
        const pathOfSet = `${collections.replicaSets}/shop-web-5d9c7b`;
        const scaled = (replicas: number) =>
          kube.request({
            ...{ method: 'PATCH', path: pathOfSet, body: { spec: { replicas } } },
            contentType: 'application/merge-patch+json',
          });

        const body = shopPod('shop-web-5d9c7b-c', replicaSet);
        await kube.request({ method: 'POST', path: collections.pods, body });
        await scaled(3);
        const grown = await eventually(
          async () => {
            const group = await groupOf();
            return group?.instances.length === 3 && group.capacity.desired === 3 && group;
          },
          { what: 'Clouddriver shows three pods of three' },
        );
        await kube.request({ method: 'DELETE', path: `${collections.pods}/shop-web-5d9c7b-c` });
        await scaled(2);
        const shrunk = await eventually(
          async () => {
            const group = await groupOf();
            return group?.instances.length === 2 && group.capacity.desired === 2 && group;
          },
          { what: 'Clouddriver shows two pods of two' },
        );

        expect(namesOf(grown.instances)).toContain('pod shop-web-5d9c7b-c');
        expect(namesOf(shrunk.instances)).not.toContain('pod shop-web-5d9c7b-c');
      }, 60_000);

      it('loses the account and its rows after the grace period, without a restart', async () => {
        await agent?.program.stop();
        agent = undefined;

        await eventually(async () => (await accountOf(clouddriver.url)) === undefined, {
          what: 'the account is gone',
        });
        const left = await eventually(
          async () => (await ask<Named[]>('/applications')).length === 0,
          { what: 'the application is gone' },
        );

        expect(left).toBe(true);
      }, 120_000);
    });
  }
});

interface ShownCredentials extends Named {
  readonly permissions: Readonly<Record<string, readonly string[]>>;
}

async function accountOf(url: string): Promise<ShownCredentials | undefined> {
  const all = await askClouddriver<ShownCredentials[]>(url, '/credentials?expand=true');
  return all.find(({ name }) => name === account);
}

/** What the bridge says while it is not ready. */
async function readiness(url: string): Promise<string | undefined> {
  const response = await fetch(`${url}/readyz`);
  const text = await response.text();
  return text.includes('Clouddriver') ? text : undefined;
}
