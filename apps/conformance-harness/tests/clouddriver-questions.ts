/** What tests ask a Clouddriver over its own HTTP API, and an application for it to show. */
import { type KubeServer, type SqlDatabase } from '@fairlead/testbed';
import { type AccountCache } from '../src/differential/compare-caches.ts';

/** What has a name. */
export interface Named {
  readonly name: string;
}

/** A load balancer, a raw resource: what an account has. */
export interface Shown extends Named {
  readonly account: string;
}

/** The parts of a server group that the tests look at. */
export interface ShownServerGroup extends Shown {
  readonly cluster: string;
  readonly region: string;
  readonly capacity: { readonly desired: number };
  readonly instances: readonly { readonly name: string }[];
  readonly loadBalancers: readonly string[];
  readonly serverGroupManagers: readonly { readonly name: string }[];
}

/** Asks one question; fails when the answer is none. */
export async function askClouddriver<T>(url: string, path: string): Promise<T> {
  const response = await fetch(`${url}${path}`, { signal: AbortSignal.timeout(20_000) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${String(response.status)} ${text.slice(0, 300)}`);
  return JSON.parse(text) as T;
}

/** Names, sorted, for comparing whole answers. */
export function namesOf(things: readonly Named[]): readonly string[] {
  return things.map(({ name }) => name).sort();
}

/** Everything that Clouddriver's cache holds of one account. */
export async function readAccountCache(
  database: SqlDatabase,
  account: string,
): Promise<AccountCache> {
  const isPostgres = database.url.startsWith('postgres');
  const schema = isPostgres ? 'current_schema()' : 'DATABASE()';
  const found = await database.query(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ${schema}`,
  );
  const tables = found
    .map(({ name }) => String(name))
    .filter((name) => name.startsWith('cats_v1_') && !/_template$|_ondemand(_rel)?$/i.test(name));
  const read = async (of: readonly string[], columns: string) =>
    (
      await Promise.all(of.map((table) => database.query(`SELECT ${columns} FROM ${table}`)))
    ).flat();
  const rows = await read(
    tables.filter((name) => !name.endsWith('_rel')),
    'id, agent, body',
  );
  const relations = await read(
    tables.filter((name) => name.endsWith('_rel')),
    'id, rel_id AS relid, rel_agent AS relagent, rel_type AS reltype',
  );
  const text = (value: unknown) => String(value);
  return {
    account,
    rows: rows
      .filter(({ agent }) => text(agent).startsWith(`${account}/`))
      .map(({ id, agent, body }) => ({ id: text(id), agent: text(agent), body: text(body) })),
    relations: relations.map(({ id, relid, relagent, reltype }) => ({
      ...{ id: text(id), relId: text(relid), relAgent: text(relagent), relType: text(reltype) },
    })),
  };
}

type Labels = Readonly<Record<string, string>>;

const labels = { app: 'shop-web' };
const deployed = {
  'moniker.spinnaker.io/application': 'shop',
  'moniker.spinnaker.io/cluster': 'deployment shop-web',
};
const podSpec = { containers: [{ name: 'app', image: 'registry.example/shop:1.0' }] };
const workload = (replicas: number, podLabels: Labels = labels) => ({
  replicas,
  selector: { matchLabels: podLabels },
  template: { metadata: { labels: podLabels }, spec: podSpec },
});

/** Collections of the application's namespace. */
export const collections = {
  pods: '/api/v1/namespaces/shop-prod/pods',
  services: '/api/v1/namespaces/shop-prod/services',
  deployments: '/apis/apps/v1/namespaces/shop-prod/deployments',
  replicaSets: '/apis/apps/v1/namespaces/shop-prod/replicasets',
  statefulSets: '/apis/apps/v1/namespaces/shop-prod/statefulsets',
  ingresses: '/apis/networking.k8s.io/v1/namespaces/shop-prod/ingresses',
  daemonSets: '/apis/apps/v1/namespaces/shop-prod/daemonsets',
  jobs: '/apis/batch/v1/namespaces/shop-prod/jobs',
  cronJobs: '/apis/batch/v1/namespaces/shop-prod/cronjobs',
  networkPolicies: '/apis/networking.k8s.io/v1/namespaces/shop-prod/networkpolicies',
} as const;

/** One replica set's pod, as its controller would make it. */
export function shopPod(name: string, replicaSetUid: string): object {
  const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-web-5d9c7b' };
  const ownerReferences = [{ ...owner, uid: replicaSetUid, controller: true }];
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', spec: podSpec },
    metadata: { name, labels, annotations: deployed, ownerReferences },
  };
}

const apps = (kind: string) => ({ apiVersion: 'apps/v1', kind });
const networking = (kind: string) => ({ apiVersion: 'networking.k8s.io/v1', kind });
const batch = (kind: string) => ({ apiVersion: 'batch/v1', kind });

/** @returns its uid */
async function createObject(kube: KubeServer, path: string, body: object): Promise<string> {
  const { status, body: made } = await kube.request({ method: 'POST', path, body });
  if (status !== 201) throw new Error(`${path}: ${String(status)} ${JSON.stringify(made)}`);
  return (made as { readonly metadata: { readonly uid: string } }).metadata.uid;
}

/**
 * Makes the application `shop`: a deployment that Spinnaker deployed, with what its controllers
 * would have made of it, and objects that say nothing of Spinnaker and are told by their names.
 *
 * @returns uid of the replica set
 */
export async function createShop(kube: KubeServer): Promise<string> {
  const create = (path: string, body: object) => createObject(kube, path, body);
  await create('/api/v1/namespaces', {
    ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-prod' } },
  });
  const deployment = await create(collections.deployments, {
    ...apps('Deployment'),
    metadata: { name: 'shop-web', annotations: deployed },
    spec: workload(2),
  });
  const replicaSet = await create(collections.replicaSets, {
    ...apps('ReplicaSet'),
    metadata: {
      name: 'shop-web-5d9c7b',
      labels,
      annotations: { ...deployed, 'deployment.kubernetes.io/revision': '1' },
      ownerReferences: [{ ...apps('Deployment'), name: 'shop-web', uid: deployment }],
    },
    spec: workload(2),
  });
  for (const name of ['shop-web-5d9c7b-a', 'shop-web-5d9c7b-b']) {
    await create(collections.pods, shopPod(name, replicaSet));
  }
  await create(collections.services, service('shop-web', labels, deployed));
  await create(collections.services, service('shop-db', { app: 'shop-db' }, {}));
  await create(collections.statefulSets, {
    ...apps('StatefulSet'),
    metadata: { name: 'shop-db' },
    spec: { ...workload(1, { app: 'shop-db' }), serviceName: 'shop-db' },
  });
  const backend = { service: { name: 'shop-web', port: { number: 80 } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  await create(collections.ingresses, {
    ...networking('Ingress'),
    metadata: { name: 'shop-edge', annotations: deployed },
    spec: { rules: [{ host: 'shop.example', http: { paths } }] },
  });
  await create(collections.networkPolicies, {
    ...networking('NetworkPolicy'),
    metadata: { name: 'shop-policy' },
    spec: { podSelector: {} },
  });
  return replicaSet;
}

/**
 * Makes the application `depot` beside it, of what is easily got wrong: names in Frigga's form,
 * quoted annotations, owners of every kind, selectors that share labels, a service that is not there
 * and a pod that is not to be cached.
 */
export async function createDepot(kube: KubeServer): Promise<void> {
  const create = (path: string, body: object) => createObject(kube, path, body);
  // Without any annotation Clouddriver itself would lose relations.
  const plain = { 'example.com/team': 'depot' };
  const quoted = {
    'moniker.spinnaker.io/application': '"depot"',
    'moniker.spinnaker.io/cluster': '"job depot-migrate"',
  };
  const podOf = (owner: object, name: string, annotations: Labels = plain) => ({
    ...{ apiVersion: 'v1', kind: 'Pod', spec: podSpec },
    metadata: { name, annotations, ownerReferences: [owner] },
  });
  const template = { metadata: { labels: { app: 'depot' } }, spec: podSpec };
  const jobSpec = { template: { spec: { ...podSpec, restartPolicy: 'Never' } } };

  const daemonSet = { ...apps('DaemonSet'), name: 'depot-logs-v003' };
  const daemonSetUid = await create(collections.daemonSets, {
    ...apps('DaemonSet'),
    metadata: { name: daemonSet.name, annotations: plain },
    spec: { selector: { matchLabels: { app: 'depot' } }, template },
  });
  await create(collections.pods, podOf({ ...daemonSet, uid: daemonSetUid }, 'depot-logs-v003-x'));
  const ignored = { ...plain, 'caching.spinnaker.io/ignore': 'true' };
  await create(
    collections.pods,
    podOf({ ...daemonSet, uid: daemonSetUid }, 'depot-logs-v003-y', ignored),
  );
  const cronJob = { ...batch('CronJob'), name: 'depot-nightly' };
  const cronJobUid = await create(collections.cronJobs, {
    ...batch('CronJob'),
    metadata: { name: cronJob.name, annotations: plain },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: jobSpec } },
  });
  await create(collections.jobs, {
    ...batch('Job'),
    metadata: {
      ...{ name: 'depot-migrate', annotations: quoted },
      ownerReferences: [{ ...cronJob, uid: cronJobUid }],
    },
    spec: jobSpec,
  });
  for (const tier of ['api', 'web']) {
    await create(collections.replicaSets, {
      ...apps('ReplicaSet'),
      metadata: { name: `depot-${tier}-canary-v007`, annotations: plain },
      spec: workload(1, { app: 'depot', tier }),
    });
  }
  await create(collections.services, service('depot-all', { app: 'depot' }, plain));
  await create(collections.services, service('depot-api', { app: 'depot', tier: 'api' }, plain));
  await create(collections.services, service('depot-zone', { app: 'depot' }, plain));
  const backendOf = (name: string) => ({ service: { name, port: { number: 80 } } });
  const pathOf = (name: string) => ({
    ...{ path: `/${name}`, pathType: 'Prefix', backend: backendOf(name) },
  });
  await create(collections.ingresses, {
    ...networking('Ingress'),
    metadata: { name: 'depot-edge', annotations: plain },
    spec: {
      defaultBackend: backendOf('depot-all'),
      rules: [{ http: { paths: [pathOf('depot-api'), pathOf('depot-nowhere')] } }],
    },
  });
}

function service(name: string, selector: Labels, annotations: Labels): object {
  const spec = { clusterIP: 'None', selector, ports: [{ port: 80 }] };
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, annotations }, spec };
}
