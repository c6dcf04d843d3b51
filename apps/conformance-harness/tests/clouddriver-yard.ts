/**
 * The application `yard`, of everything that Clouddriver's classic screens do not show: custom kinds
 * of two groups and of the cluster, Secrets, events, autoscalers, roles whose names have colons, and
 * the same names in two namespaces. For comparing whole caches.
 */
import { type KubeServer } from '@fairlead/testbed';
import { eventually } from './eventually.ts';

/** What a yard is of, in the spelling of accounts: every kind that the two sides can both have. */
export const comparedKinds: readonly string[] = [
  ...['deployment', 'replicaSet', 'statefulSet', 'daemonSet', 'job', 'cronJob', 'pod'],
  ...['service', 'ingress', 'networkPolicy', 'event', 'horizontalpodautoscaler', 'secret'],
  ...['configMap', 'serviceAccount', 'limitRange', 'persistentVolumeClaim'],
  ...['persistentVolume', 'storageClass', 'podDisruptionBudget', 'namespace'],
  ...['clusterRole', 'clusterRoleBinding', 'role', 'roleBinding', 'controllerRevision'],
  ...['customResourceDefinition', 'mutatingWebhookConfiguration'],
  ...['Crane.yard.example.com', 'Crane.old-yard.example.org', 'Site.yard.example.com'],
];

/** The custom ones, as an account tells Clouddriver of them. */
export const yardResources = [
  { kubernetesKind: 'Crane.yard.example.com', namespaced: true },
  { kubernetesKind: 'Crane.old-yard.example.org', namespaced: true },
  { kubernetesKind: 'Site.yard.example.com', namespaced: false },
] as const;

/** In the Secret, and in kubectl's copy of it among its annotations. */
export const yardPassword = 'b3BlbiBzZXNhbWU=';

const [inYard, inStage] = ['/api/v1/namespaces/shop-prod', '/api/v1/namespaces/shop-stage'];
const apis = (group: string, namespace?: string) =>
  namespace === undefined ? `/apis/${group}` : `/apis/${group}/namespaces/${namespace}`;
const plain = { 'example.com/team': 'yard' };
const deployed = {
  'moniker.spinnaker.io/application': 'yard',
  'moniker.spinnaker.io/cluster': 'thing yard',
};

/** Makes it; `shop-prod` must be there. */
export async function createYard(kube: KubeServer): Promise<void> {
  const create = (path: string, body: object) => createObject(kube, path, body);
  await create('/api/v1/namespaces', {
    ...{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop-stage' } },
  });
  await createCustomKinds(kube);
  await createAccess(create);
  await createConfiguration(create);
  await createNamesakes(create);
  await createFollowers(create);
}

type Create = (path: string, body: object) => Promise<void>;

async function createObject(kube: KubeServer, path: string, body: object): Promise<void> {
  const { status, body: made } = await kube.request({ method: 'POST', path, body });
  if (status !== 201) throw new Error(`${path}: ${String(status)} ${JSON.stringify(made)}`);
}

/** Two kinds of one name, and one of the whole cluster. */
async function createCustomKinds(kube: KubeServer): Promise<void> {
  const definitions = [
    { group: 'yard.example.com', kind: 'Crane', plural: 'cranes', scope: 'Namespaced' },
    { group: 'old-yard.example.org', kind: 'Crane', plural: 'cranes', scope: 'Namespaced' },
    { group: 'yard.example.com', kind: 'Site', plural: 'sites', scope: 'Cluster' },
  ];
  const schema = {
    openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  };
  for (const { group, kind, plural, scope } of definitions) {
    await createObject(kube, '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.${group}` },
      spec: {
        ...{ group, scope, names: { plural, singular: kind.toLowerCase(), kind } },
        versions: [{ name: 'v1', served: true, storage: true, schema }],
      },
    });
    const namespace = scope === 'Cluster' ? undefined : 'shop-prod';
    const path = `${apis(`${group}/v1`, namespace)}/${plural}`;
    const isServed = async () => (await kube.request({ path })).status === 200;
    await eventually(isServed, { what: `${plural}.${group} are served` });
    await createObject(kube, path, {
      ...{ apiVersion: `${group}/v1`, kind },
      metadata: { name: 'yard.north', annotations: deployed },
      spec: { reach: 12, load: 9_007_199_254_740_991, isOn: true },
    });
  }
}

async function createAccess(create: Create): Promise<void> {
  const rbac = apis('rbac.authorization.k8s.io/v1');
  const rbacOfYard = apis('rbac.authorization.k8s.io/v1', 'shop-prod');
  const kindOf = (kind: string) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind });
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }];
  const subjects = [{ kind: 'ServiceAccount', name: 'yard', namespace: 'shop-prod' }];
  const roleRef = {
    apiGroup: 'rbac.authorization.k8s.io',
    kind: 'ClusterRole',
    name: 'system:yard',
  };
  await create(`${rbac}/clusterroles`, {
    ...{ ...kindOf('ClusterRole'), metadata: { name: 'system:yard' }, rules },
  });
  await create(`${rbac}/clusterrolebindings`, {
    ...{ ...kindOf('ClusterRoleBinding'), metadata: { name: 'yard:all-v003' }, roleRef, subjects },
  });
  await create(`${rbacOfYard}/roles`, {
    ...{ ...kindOf('Role'), metadata: { name: 'system:yard:night-v002' }, rules },
  });
  await create(`${rbacOfYard}/rolebindings`, {
    ...{ ...kindOf('RoleBinding'), metadata: { name: 'system:yard' }, roleRef, subjects },
  });
  await create(`${inYard}/serviceaccounts`, {
    ...{ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'yard' } },
  });
}

async function createConfiguration(create: Create): Promise<void> {
  const core = (kind: string) => ({ apiVersion: 'v1', kind });
  await create(`${inYard}/secrets`, {
    ...core('Secret'),
    metadata: {
      name: 'yard-password',
      annotations: {
        ...deployed,
        'kubectl.kubernetes.io/last-applied-configuration': `{"data":{"word":"${yardPassword}"}}`,
      },
    },
    data: { word: yardPassword },
  });
  await create(`${inYard}/configmaps`, {
    ...core('ConfigMap'),
    metadata: { name: 'yard-config-v004', annotations: { ...deployed, ...plain } },
    data: { 'a.b': 'grüß “Gott” <&>\t☕', empty: '' },
  });
  await create(`${inYard}/configmaps`, {
    ...{ ...core('ConfigMap'), metadata: { name: 'kube-root-ca.crt' }, data: { 'ca.crt': '---' } },
  });
  await create(`${inYard}/limitranges`, {
    ...{ ...core('LimitRange'), metadata: { name: 'yard' } },
    spec: { limits: [{ type: 'Container', default: { cpu: '500m' } }] },
  });
  const size = { storage: '1Gi' };
  await create(`${inYard}/persistentvolumeclaims`, {
    ...{ ...core('PersistentVolumeClaim'), metadata: { name: 'data-yard-0' } },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: size } },
  });
  await create('/api/v1/persistentvolumes', {
    ...{ ...core('PersistentVolume'), metadata: { name: 'pv-yard', annotations: plain } },
    spec: { capacity: size, accessModes: ['ReadWriteOnce'], hostPath: { path: '/srv' } },
  });
  await create('/apis/storage.k8s.io/v1/storageclasses', {
    ...{ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'yard.fast' } },
    provisioner: 'example.com/disk',
  });
}

/** The same service and replica set in two namespaces: each selects its own. */
async function createNamesakes(create: Create): Promise<void> {
  const labels = { app: 'yard', tier: 'ground' };
  const containers = [{ name: 'app', image: 'registry.example/yard:1' }];
  for (const [core, namespace] of [
    [inYard, 'shop-prod'],
    [inStage, 'shop-stage'],
  ] as const) {
    await create(`${core}/services`, {
      ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'yard', annotations: plain } },
      spec: { clusterIP: 'None', selector: labels, ports: [{ port: 80 }] },
    });
    await create(`${apis('apps/v1', namespace)}/replicasets`, {
      ...{ apiVersion: 'apps/v1', kind: 'ReplicaSet' },
      metadata: { name: 'yard-ground-v011', annotations: plain },
      spec: {
        ...{ replicas: 0, selector: { matchLabels: labels } },
        template: { metadata: { labels }, spec: { containers } },
      },
    });
  }
}

/** What refers to others: an autoscaler, a budget, a revision, events of native and custom kinds. */
async function createFollowers(create: Create): Promise<void> {
  await create(`${apis('autoscaling/v2', 'shop-prod')}/horizontalpodautoscalers`, {
    ...{ apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
    metadata: { name: 'yard', annotations: deployed },
    spec: {
      ...{ minReplicas: 1, maxReplicas: 3 },
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'yard-ground-v011' },
    },
  });
  await create(`${apis('policy/v1', 'shop-prod')}/poddisruptionbudgets`, {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'yard' } },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'yard' } } },
  });
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'shop-db', uid: 'a-uid' };
  await create(`${apis('apps/v1', 'shop-prod')}/controllerrevisions`, {
    ...{ apiVersion: 'apps/v1', kind: 'ControllerRevision', revision: 1, data: { a: 1 } },
    metadata: { name: 'shop-db-1', ownerReferences: [owner] },
  });
  const involved = [
    { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'yard-ground-v011' },
    { apiVersion: 'yard.example.com/v1', kind: 'Crane', name: 'yard.north' },
  ];
  for (const involvedObject of involved) {
    await create(`${inYard}/events`, {
      ...{ apiVersion: 'v1', kind: 'Event', type: 'Normal', reason: 'Moved', message: 'it moved' },
      metadata: { name: `${involvedObject.name}.17c2`, annotations: plain },
      involvedObject: { ...involvedObject, namespace: 'shop-prod' },
    });
  }
}
