/**
 * How Clouddriver spells kinds (its `KubernetesKind.toString()`), which is both the name of a cache
 * table and a part of every key, so a wrong letter here hides objects from every reader.
 *
 * A kind of a native API group that Clouddriver knows by name is spelled its way (`replicaSet`), any
 * other kind of a native group as the API server spells it (`Node`), and a kind of any other group
 * is `Kind.group` with the case of the custom resource definition (`CronTab.stable.example.com`).
 */

/** API groups that Clouddriver treats as part of Kubernetes; `''` is the core group. */
const nativeGroups: ReadonlySet<string> = new Set([
  '',
  'core',
  'apps',
  'batch',
  'extensions',
  'autoscaling',
  'policy',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'certificates.k8s.io',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'settings.k8s.io',
  'storage.k8s.io',
]);

/** The kinds that Clouddriver knows by name, in its spelling. */
export const nativeKinds = [
  'apiService',
  'clusterRole',
  'clusterRoleBinding',
  'configMap',
  'controllerRevision',
  'cronJob',
  'csiDriver',
  'csiNode',
  'customResourceDefinition',
  'daemonSet',
  'deployment',
  'event',
  'horizontalpodautoscaler',
  'ingress',
  'job',
  'limitRange',
  'mutatingWebhookConfiguration',
  'namespace',
  'networkPolicy',
  'persistentVolume',
  'persistentVolumeClaim',
  'pod',
  'podDisruptionBudget',
  'podPreset',
  'podSecurityPolicy',
  'replicaSet',
  'role',
  'roleBinding',
  'secret',
  'service',
  'serviceAccount',
  'statefulSet',
  'storageClass',
  'validatingWebhookConfiguration',
] as const;

/**
 * The kinds that Clouddriver caches unless it is told otherwise (since release 1.28): those that
 * its classic screens show.
 */
export const defaultCachedKinds = [
  'cronJob',
  'daemonSet',
  'deployment',
  'ingress',
  'job',
  'networkPolicy',
  'pod',
  'replicaSet',
  'service',
  'statefulSet',
] as const;

/** What a kind is on Spinnaker's screens; `unclassified` for all that it does not show. */
export type SpinnakerRole =
  | 'serverGroupManagers'
  | 'serverGroups'
  | 'instances'
  | 'loadBalancers'
  | 'securityGroups'
  | 'unclassified';

const roles: ReadonlyMap<string, SpinnakerRole> = new Map([
  ['deployment', 'serverGroupManagers'],
  ['replicaSet', 'serverGroups'],
  ['statefulSet', 'serverGroups'],
  ['daemonSet', 'serverGroups'],
  ['job', 'serverGroups'],
  ['cronJob', 'serverGroups'],
  ['pod', 'instances'],
  ['service', 'loadBalancers'],
  ['ingress', 'loadBalancers'],
  ['networkPolicy', 'securityGroups'],
]);

/** Short names that Clouddriver takes for the kind itself, in account properties as well. */
const shortNames: readonly (readonly [string, (typeof nativeKinds)[number]])[] = [
  ['cm', 'configMap'],
  ['crd', 'customResourceDefinition'],
  ['deploy', 'deployment'],
  ['ds', 'daemonSet'],
  ['hpa', 'horizontalpodautoscaler'],
  ['netpol', 'networkPolicy'],
  ['ns', 'namespace'],
  ['po', 'pod'],
  ['pv', 'persistentVolume'],
  ['pvc', 'persistentVolumeClaim'],
  ['rs', 'replicaSet'],
  ['sa', 'serviceAccount'],
  ['sc', 'storageClass'],
  ['svc', 'service'],
];

const canonicalNames: ReadonlyMap<string, string> = new Map([
  ...nativeKinds.map((kind) => [kind.toLowerCase(), kind] as const),
  ...shortNames,
]);

/** Whether Clouddriver treats an API group as part of Kubernetes. */
export function isNativeGroup(group: string): boolean {
  return nativeGroups.has(group.toLowerCase());
}

/** The API group of an `apiVersion`, lower-case; `''` for the core group. */
export function groupOfApiVersion(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash > 0 ? apiVersion.slice(0, slash).toLowerCase() : '';
}

/** Clouddriver's name of a kind. `apiVersion` may also be `group/anything`. */
export function spinnakerKind(apiVersion: string, kind: string): string {
  const group = groupOfApiVersion(apiVersion);
  if (!nativeGroups.has(group)) return `${kind}.${group}`;
  return canonicalNames.get(kind.toLowerCase()) ?? kind;
}

/** Whether a Spinnaker kind is one of a native group, which decides the caching agent it belongs to. */
export function isNativeKind(spinnakerKindName: string): boolean {
  return !spinnakerKindName.includes('.');
}

/** What a Spinnaker kind is on the screens. */
export function spinnakerRole(spinnakerKindName: string): SpinnakerRole {
  return roles.get(spinnakerKindName) ?? 'unclassified';
}

/**
 * The name of Clouddriver's caching agent that would own the rows of a kind, as if it ran with one
 * caching thread (its default). Rows under this name survive Clouddriver's clean-up agents, and
 * Clouddriver takes them over when its own caching is switched on again.
 */
export function cachingAgentName(account: string, spinnakerKindName: string): string {
  return isNativeKind(spinnakerKindName)
    ? `${account}/KubernetesCoreCachingAgent[1/1]`
    : `${account}/CustomKubernetes(${spinnakerKindName})[1/1]`;
}

/**
 * Clouddriver's agent for custom kinds that it finds in the cluster and not in the account. It may
 * have left rows of custom kinds, also of such as `cachingAgentName` names another agent for:
 * Clouddriver then has two rows of one id, and shows either.
 */
export function unregisteredAgentName(account: string): string {
  return `${account}/KubernetesUnregisteredCustomResourceCachingAgent[1/1]`;
}

const agentName =
  /^(.*)\/(?:KubernetesCoreCachingAgent|KubernetesUnregisteredCustomResourceCachingAgent|CustomKubernetes\([^()]*\))\[1\/1\]$/s;

/** The account in the name of one of these agents; `undefined` for any other. */
export function accountOfAgent(agent: string): string | undefined {
  return agentName.exec(agent)?.[1];
}
