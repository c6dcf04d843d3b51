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
  type AccountCache,
  compareCaches,
  nameDifference,
} from '../src/differential/compare-caches.ts';
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
  createDepot,
  createShop,
  type Named,
  readAccountCache,
  namesOf,
  type Shown,
  type ShownServerGroup,
  shopPod,
} from './clouddriver-questions.ts';
import { comparedKinds, createYard, yardPassword, yardResources } from './clouddriver-yard.ts';
import { eventually } from './eventually.ts';
import { alsoRelates, hasOtherManifest, relateEachOther } from './known-differences.ts';

const targets = [
  { name: 'PostgreSQL', server: 'postgres', acquire: acquirePostgres },
  { name: 'MariaDB', server: 'mariadb', acquire: acquireMariaDb },
] as const;

/** Fed by Fairlead; and the same cluster, cached by Clouddriver itself. */
const [account, ownAccount] = ['prod-eu', 'cached-by-itself'];
/** First cached by Clouddriver, then fed by Fairlead, then cached by Clouddriver again. */
const handedAccount = 'handed-over';
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
    await createDepot(kube);
    await createYard(kube);
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
        clouddriver = await startClouddriver({
          databaseUrl: database.url,
          config: clouddriverConfig(kube),
        });
        agent = await startAgentProgram({
          grpcAddress: bridge.grpcAddress,
          accounts: [
            {
              ...{ name: account, kubeconfigFile: kube.kubeconfigPath, environment: 'production' },
              permissions: { READ: [role], WRITE: [role] },
              ...{ kinds: comparedKinds, customResources: yardResources },
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

      /** Takes the bridge's lock away until Clouddriver's own agent has taken its turn. */
      const letItRun = async (name: string) => {
        const agentName = `${name}/KubernetesCoreCachingAgent[1/1]`;
        const turns = async () =>
          (await clouddriver.readLog()).split(`${agentName}: agent is starting`).length;
        const before = await turns();
        const hasRun = async () => {
          // Again and again: the bridge takes it back, and may be the quicker one.
          await database.query(`DELETE FROM cats_agent_locks WHERE agent_name = '${agentName}'`);
          return (await turns()) > before;
        };
        await eventually(hasRun, { what: `${agentName} runs` });
      };

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
        const groups = ofAccount(await ask<ShownServerGroup[]>(serverGroups));

        expect(namesOf(applications)).toEqual(['depot', 'shop', 'yard']);
        expect(clusters[account]?.sort()).toEqual(['deployment shop-web', 'shop-db']);
        expect(namesOf(groups)).toEqual(['replicaSet shop-web-5d9c7b', 'statefulSet shop-db']);
        expect(namesOf(groups.flatMap(({ instances }) => instances))).toEqual([
          ...['pod shop-web-5d9c7b-a', 'pod shop-web-5d9c7b-b'],
        ]);
        expect(groups.find(({ name }) => name.startsWith('replicaSet'))).toMatchObject({
          ...{ cluster: 'deployment shop-web', region: 'shop-prod', capacity: { desired: 2 } },
          serverGroupManagers: [{ name: 'shop-web' }],
          loadBalancers: ['service shop-web'],
        });
        expect(groups.find(({ name }) => name.startsWith('statefulSet'))).toMatchObject({
          ...{ cluster: 'shop-db', loadBalancers: ['service shop-db'] },
        });
      });

      it('caches the same itself, but for what is listed as known', async () => {
        const own = await eventually(
          async () => {
            const cached = await readAccountCache(database, ownAccount);
            return hasAllAgentsRows(cached) && cachedOnce(cached);
          },
          { what: 'Clouddriver has cached its own account' },
        );
        const fed = await readAccountCache(database, account);

        const differences = compareCaches(own, fed).map(nameDifference).sort();

        expect(differences).toEqual(knownDifferences);
        expect(own.rows.filter(({ body }) => body.includes(yardPassword))).toHaveLength(1);
        expect(fed.rows.filter(({ body }) => body.includes(yardPassword))).toEqual([]);
      }, 120_000);

      it('hands an account over to Fairlead and takes it back', async () => {
        const cached = () => readAccountCache(database, handedAccount);
        const writtenByItself = async () => {
          const all = await cached();
          const clusters = all.rows.filter(({ id }) => id.includes(':logical:clusters:'));
          // What Clouddriver writes into logical rows, and Fairlead does not.
          const hasTimes = clusters.every(({ body }) => body.includes('cacheExpiry'));
          return clusters.length > 0 && hasTimes && hasAllAgentsRows(all) && cachedOnce(all);
        };
        await createAccount(clouddriver.url, kube);
        await eventually(writtenByItself, { what: 'Clouddriver has cached the account' });

        const second = await startAgentProgram({
          grpcAddress: bridge.grpcAddress,
          accounts: [{ ...accountKeys(kube), name: handedAccount }],
        });
        await untilAccount(bridge.url, handedAccount);
        const own = cachedOnce(await readAccountCache(database, ownAccount));
        const handedOver = compareCaches(own, await cached())
          .map(nameDifference)
          .sort();
        const isStillItsOwn = await writtenByItself();
        await letItRun(handedAccount);
        const warnings = async () =>
          (await bridge.program.readLog())
            .split('\n')
            .filter((line) => line.includes('Clouddriver has changed locks'));
        const warned = async () =>
          (await warnings()).some((line) => line.includes(`"${handedAccount}"`));
        await eventually(warned, { what: 'the bridge sees that its lock was changed' });
        await second.program.stop();
        await eventually(async () => (await cached()).rows.length === 0, { what: 'rows are gone' });
        // Else it is Clouddriver's turn when the bridge's lock has expired.
        await database.query(
          `DELETE FROM cats_agent_locks WHERE agent_name LIKE '${handedAccount}/%'`,
        );
        // Row by row: what is written half is not the same yet.
        const isTheSame = async () => {
          const back = await writtenByItself();
          return back !== false && compareCaches(own, back).length === 0;
        };
        await eventually(isTheSame, { what: 'Clouddriver caches it again' });
        const definition = await database.query(
          `SELECT last_modified_by AS author FROM accounts WHERE id = '${handedAccount}'`,
        );

        expect(handedOver).toEqual(knownDifferences);
        expect(isStillItsOwn).toBe(false);
        expect((await warnings()).filter((line) => line.includes(`"${account}"`))).toEqual([]);
        expect(definition).toEqual([{ author: 'anonymous' }]);
      }, 180_000);

      it('shows load balancers, instances, raw resources, and finds by name', async () => {
        const balancers = ofAccount(await ask<Shown[]>('/applications/shop/loadBalancers'));
        const instance = await ask<{ humanReadableName: string }>(pod('shop-web-5d9c7b-a'));
        const raw = ofAccount(await ask<Shown[]>('/applications/shop/rawResources'));
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

      it('shows the application itself, its managers and its firewalls', async () => {
        const application = await ask<{ clusters: Record<string, Named[]> }>('/applications/shop');
        const managers = ofAccount(await ask<Shown[]>('/applications/shop/serverGroupManagers'));
        const firewalls = await ask<ShownFirewalls>(`/securityGroups/${account}`);
        const group = await ask<ShownServerGroup>(
          `/serverGroups/${account}/shop-prod/replicaSet%20shop-web-5d9c7b`,
        );

        expect(namesOf(application.clusters[account] ?? [])).toEqual([
          ...['deployment shop-web', 'shop-db'],
        ]);
        expect(namesOf(managers)).toEqual(['deployment shop-web']);
        expect(namesOf(firewalls.kubernetes['shop-prod'] ?? [])).toEqual([
          'networkPolicy shop-policy',
        ]);
        expect(group).toMatchObject({ capacity: { desired: 2 }, region: 'shop-prod' });
        expect(namesOf(group.instances)).toHaveLength(2);
      });

      it('follows what is created, changed and deleted', async () => {
        const groupOf = async () =>
          ofAccount(await ask<ShownServerGroup[]>(serverGroups)).find(({ name }) =>
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

      it('runs none of its own agents for the account, and cleans none of its rows up', async () => {
        const cleanups = async () =>
          (await clouddriver.readLog()).split('Finished cleanup').length - 1;
        const before = await cleanups();
        // Its lock lets it run every two minutes.
        await database.query(`DELETE FROM cats_agent_locks WHERE agent_name = '${cleanupAgent}'`);
        await eventually(async () => (await cleanups()) > before, { what: 'a cleanup' });

        const log = await clouddriver.readLog();
        const locks = await database.query(
          `SELECT owner_id FROM cats_agent_locks WHERE agent_name LIKE '${account}/%'`,
        );
        const groups = ofAccount(await ask<ShownServerGroup[]>(serverGroups));

        expect(log).toContain(`${ownAccount}/KubernetesCoreCachingAgent[1/1]: agent is starting`);
        expect(log).not.toContain(`${account}/KubernetesCoreCachingAgent[1/1]: agent is starting`);
        expect(locks).not.toEqual([]);
        expect(locks.filter((row) => !String(row.owner_id).startsWith('fairlead:'))).toEqual([]);
        expect(groups).toHaveLength(2);
      }, 120_000);

      it('follows which server groups a service selects', async () => {
        const path = `${collections.services}/shop-web`;
        const select = (selector: object) =>
          kube.request({
            ...{ method: 'PATCH', path, body: { spec: { selector } } },
            contentType: 'application/merge-patch+json',
          });
        const selected = async () => {
          const groups = ofAccount(await ask<ShownServerGroup[]>(serverGroups));
          return groups.find(({ name }) => name.startsWith('replicaSet'))?.loadBalancers;
        };

        await select({ app: 'nobody' });
        await eventually(async () => (await selected())?.length === 0, { what: 'it selects none' });
        await select({ app: 'shop-web' });
        const again = await eventually(
          async () => {
            const names = await selected();
            return names?.length === 1 && names;
          },
          { what: 'it selects the replica set again' },
        );

        expect(again).toEqual(['service shop-web']);
      }, 60_000);

      it('loses the account and its rows after the grace period, without a restart', async () => {
        await agent?.program.stop();
        agent = undefined;

        await eventually(async () => (await accountOf(clouddriver.url)) === undefined, {
          what: 'the account is gone',
        });
        const left = await eventually(
          async () => {
            const groups = await ask<ShownServerGroup[]>(serverGroups);
            return ofAccount(groups).length === 0 && groups;
          },
          { what: 'its server groups are gone' },
        );

        expect(new Set(left.map((each) => each.account))).toEqual(
          new Set([ownAccount, handedAccount]),
        );
      }, 120_000);
    });
  }
});

const serverGroups = '/applications/shop/serverGroups';

/** What the account that Fairlead feeds has of it. */
function ofAccount<T extends Shown>(things: readonly T[]): readonly T[] {
  return things.filter((thing) => thing.account === account);
}

/** An account of its own for the same cluster, and what reference installations switch on. */
function clouddriverConfig(kube: KubeHandle): object {
  const own = { ...accountKeys(kube), name: ownAccount, checkPermissionsOnStartup: false };
  return {
    kubernetes: { accounts: [own], cache: { cacheAll: true } },
    sql: { 'unknown-agent-cleanup-agent': { enabled: true } },
  };
}

const accountKeys = (kube: KubeHandle) => ({
  kubeconfigFile: kube.kubeconfigPath,
  ...{ kinds: comparedKinds, customResources: yardResources },
});

/** Tells Clouddriver of an account with a real kubeconfig, as a person would. */
async function createAccount(url: string, kube: KubeHandle): Promise<void> {
  const definition = { ...accountKeys(kube), checkPermissionsOnStartup: false };
  const response = await fetch(`${url}/credentials`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'kubernetes', name: handedAccount, ...definition }),
  });
  if (!response.ok) throw new Error(`${String(response.status)} ${await response.text()}`);
}

/** Deletes rows of agents that no Clouddriver has. */
const cleanupAgent = 'SqlUnknownAgentCleanupAgent';

/** What docs/clouddriver.md explains, one by one. */
const knownDifferences: readonly string[] = [
  ...['admin', 'edit', 'view'].map((name) => hasOtherManifest(`clusterRole::${name}`)),
  hasOtherManifest('event:shop-prod:yard-ground-v011.17c2'),
  hasOtherManifest('event:shop-prod:yard.north.17c2'),
  hasOtherManifest('horizontalpodautoscaler:shop-prod:yard'),
  hasOtherManifest('secret:shop-prod:yard-password'),
  alsoRelates('Crane.yard.example.com:shop-prod:yard.north', 'event:shop-prod:yard.north.17c2'),
  alsoRelates('ingress:shop-prod:depot-edge', 'service:shop-prod:depot-nowhere'),
  ...relateEachOther('replicaSet:shop-prod:depot-web-canary-v007', 'service:shop-prod:depot-zone'),
  ...relateEachOther('service:shop-prod:shop-db', 'statefulSet:shop-prod:shop-db'),
].sort();

/** All agents have written: one for native kinds, one for each custom kind, and one for all of these. */
function hasAllAgentsRows({ rows }: AccountCache): boolean {
  return new Set(rows.map(({ agent }) => agent)).size === 2 + yardResources.length;
}

/** Without the second rows that Clouddriver writes of custom kinds which the account names. */
function cachedOnce(cache: AccountCache): AccountCache {
  const rows = cache.rows.filter(({ agent }) => !agent.includes('/KubernetesUnregistered'));
  return { ...cache, rows };
}

interface ShownFirewalls {
  /** By namespace. */
  readonly kubernetes: Readonly<Record<string, readonly Named[]>>;
}

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
