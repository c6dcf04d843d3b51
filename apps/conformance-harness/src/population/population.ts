/**
 * A seeded population of a real API server: at least fifteen kinds, built-in and custom, namespaced
 * and cluster-scoped, Secrets included. Pure: it only says which objects to create where.
 */

/** A manifest and the collection it is created in. */
export interface PopulationObject {
  /** Path of the collection, e.g. `/api/v1/namespaces/team-0/configmaps`. */
  readonly collection: string;
  readonly manifest: Readonly<Record<string, unknown>>;
}

/** How much to make. */
export interface PopulationOptions {
  /** Objects beside namespaces and CRDs. */
  readonly objects: number;
  /** Namespaces they are spread over. */
  readonly namespaces: number;
  /** Text that every Secret's values carry; a search for it proves where they ended. */
  readonly canary: string;
}

type Manifest = Readonly<Record<string, unknown>>;
type ObjectBuilder = (name: string, index: number, options: PopulationOptions) => Manifest;

interface PopulationKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  /** Share among 100 objects. */
  readonly weight: number;
  readonly build: ObjectBuilder;
}

const image = 'registry.example/app:1.0';
/** Marks a string that is written as a bare number, since JavaScript's own cannot hold it. */
const int64Mark = 'int64:';
const int64 = (digits: string): string => `${int64Mark}${digits}`;
const podSpec = { containers: [{ name: 'app', image, env: [{ name: 'MODE', value: 'test' }] }] };
const labelsOf = (name: string): Manifest => ({ app: name, tier: 'web' });
const workload: ObjectBuilder = (name) => ({
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: labelsOf(name) }, spec: podSpec },
  },
});

/** Kinds by falling share; the shares add up to 100. */
export const populationKinds: readonly PopulationKind[] = [
  kindOf('v1', 'Pod', 'pods', 25, () => ({ spec: podSpec })),
  kindOf('v1', 'ConfigMap', 'configmaps', 15, (name, index) => ({
    data: {
      'app.conf': `name=${name}\nindex=${String(index)}\n`,
      unicode: 'grüße – 日本語 "quoted" \\ back',
    },
  })),
  kindOf('v1', 'Secret', 'secrets', 10, (name, index, { canary }) => ({
    data: { password: Buffer.from(`${canary}-${String(index)}`).toString('base64') },
    stringData: { token: `${canary}-string-${String(index)}` },
    metadata: { annotations: lastApplied(name, `${canary}-applied-${String(index)}`) },
  })),
  kindOf('apps/v1', 'ReplicaSet', 'replicasets', 9, workload),
  kindOf('apps/v1', 'Deployment', 'deployments', 8, workload),
  // Headless: a server's range has addresses for 254 services only.
  kindOf('v1', 'Service', 'services', 6, (name) => ({
    spec: { clusterIP: 'None', selector: { app: name }, ports: [{ port: 80 }] },
  })),
  kindOf('v1', 'ServiceAccount', 'serviceaccounts', 4, () => ({})),
  kindOf('batch/v1', 'Job', 'jobs', 3, () => ({
    spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } },
  })),
  kindOf('batch/v1', 'CronJob', 'cronjobs', 2, () => ({
    spec: {
      schedule: '*/5 * * * *',
      jobTemplate: { spec: { template: { spec: { ...podSpec, restartPolicy: 'Never' } } } },
    },
  })),
  kindOf('apps/v1', 'StatefulSet', 'statefulsets', 2, (name, index, options) => ({
    spec: { ...(workload(name, index, options).spec as object), serviceName: name },
  })),
  kindOf('apps/v1', 'DaemonSet', 'daemonsets', 2, workload),
  kindOf('networking.k8s.io/v1', 'Ingress', 'ingresses', 2, (name) => ({
    spec: { defaultBackend: { service: { name, port: { number: 80 } } } },
  })),
  kindOf('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies', 2, (name) => ({
    spec: { podSelector: { matchLabels: { app: name } } },
  })),
  kindOf('rbac.authorization.k8s.io/v1', 'Role', 'roles', 2, () => ({
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  })),
  kindOf('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets', 2, (name) => ({
    spec: { minAvailable: 1, selector: { matchLabels: { app: name } } },
  })),
  kindOf('stable.example.com/v1', 'CronTab', 'crontabs', 3, (_name, index) => ({
    spec: { cronSpec: '* * * * */5', replicas: index, big: int64('9007199254740993') },
  })),
  clusterKindOf('rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles', 1, () => ({
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['list'] }],
  })),
  clusterKindOf('stable.example.com/v1', 'Region', 'regions', 1, (name) => ({
    spec: { code: name },
  })),
  clusterKindOf('v1', 'Node', 'nodes', 1, () => ({})),
];

/** The custom resource definitions that the population needs, to be created (and served) first. */
export const populationDefinitions: readonly Manifest[] = [
  customResourceDefinition('CronTab', 'crontabs', 'Namespaced'),
  customResourceDefinition('Region', 'regions', 'Cluster'),
];

/** A CRD of the group `stable.example.com` that keeps whatever its objects hold. */
export function customResourceDefinition(
  kind: string,
  plural: string,
  scope: 'Namespaced' | 'Cluster',
): Manifest {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.stable.example.com` },
    spec: {
      group: 'stable.example.com',
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          },
        },
      ],
    },
  };
}

/** The namespaces `team-0`, `team-1`, ... */
export function populationNamespaces(count: number): readonly Manifest[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: `team-${String(index)}` },
  }));
}

/** Every object of the population in a fixed order, every kind early. */
export function populationObjects(options: PopulationOptions): readonly PopulationObject[] {
  const wheel = weightedWheel();
  return Array.from({ length: options.objects }, (_, index) => {
    const kind = wheel[index % wheel.length];
    if (kind === undefined) throw new Error('the shares of the kinds add up to nothing');
    return objectOf(kind, index, options);
  });
}

/** One object of `kind`; `index` makes its name and spreads it over the namespaces. */
export function objectOf(
  kind: PopulationKind,
  index: number,
  options: PopulationOptions,
): PopulationObject {
  const namespace = `team-${String(index % options.namespaces)}`;
  const name = `${kind.kind.toLowerCase()}-${String(index)}`;
  const built = kind.build(name, index, options);
  const metadata = {
    name,
    ...(kind.namespaced ? { namespace } : {}),
    labels: labelsOf(name),
    ...(built.metadata as Manifest | undefined),
  };
  return {
    collection: collectionPath(kind, namespace),
    manifest: { apiVersion: kind.apiVersion, kind: kind.kind, ...built, metadata },
  };
}

/** The JSON text of a manifest, with 64-bit integers unharmed. */
export function manifestText(manifest: Manifest): string {
  return JSON.stringify(manifest).replaceAll(new RegExp(`"${int64Mark}(\\d+)"`, 'g'), '$1');
}

/** The collection's path on the API server. */
export function collectionPath(
  kind: Pick<PopulationKind, 'apiVersion' | 'resource' | 'namespaced'>,
  namespace: string,
): string {
  const root = kind.apiVersion.includes('/')
    ? `/apis/${kind.apiVersion}`
    : `/api/${kind.apiVersion}`;
  return kind.namespaced
    ? `${root}/namespaces/${namespace}/${kind.resource}`
    : `${root}/${kind.resource}`;
}

/** Kinds repeated by their share and interleaved, so that a short population has them all. */
function weightedWheel(): readonly PopulationKind[] {
  const rounds = Math.max(...populationKinds.map(({ weight }) => weight));
  return Array.from({ length: rounds }, (_, round) =>
    populationKinds.filter(({ weight }) => weight > round),
  ).flat();
}

function lastApplied(name: string, value: string): Manifest {
  const data = { password: Buffer.from(value).toString('base64') };
  const applied = { apiVersion: 'v1', data, kind: 'Secret', metadata: { name } };
  return { 'kubectl.kubernetes.io/last-applied-configuration': `${JSON.stringify(applied)}\n` };
}

function kindOf(
  ...[apiVersion, kind, resource, weight, build]: [string, string, string, number, ObjectBuilder]
): PopulationKind {
  return { apiVersion, kind, resource, weight, build, namespaced: true };
}

function clusterKindOf(
  ...[apiVersion, kind, resource, weight, build]: [string, string, string, number, ObjectBuilder]
): PopulationKind {
  return { apiVersion, kind, resource, weight, build, namespaced: false };
}
