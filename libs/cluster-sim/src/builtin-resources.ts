// The resource types that every simulated cluster serves from the start, with the names that the
// real server's discovery gives them.
// https://kubernetes.io/docs/reference/kubectl/generated/kubectl_api-resources/
import { ordinaryVerbs, type ServedResource } from './served-resource.ts';

type Row = readonly [resource: string, kind: string, options?: RowOptions];
interface RowOptions {
  readonly short?: readonly string[];
  readonly all?: true;
  readonly cluster?: true;
  readonly sub?: readonly ('status' | 'scale')[];
}

const cluster = true;
const all = true;
const withStatus = ['status'] as const;
const withScale = ['scale', 'status'] as const;

const rowsByGroupVersion: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    ['configmaps', 'ConfigMap', { short: ['cm'] }],
    ['endpoints', 'Endpoints', { short: ['ep'] }],
    ['events', 'Event', { short: ['ev'] }],
    ['limitranges', 'LimitRange', { short: ['limits'] }],
    ['namespaces', 'Namespace', { short: ['ns'], cluster, sub: withStatus }],
    ['nodes', 'Node', { short: ['no'], cluster, sub: withStatus }],
    ['persistentvolumeclaims', 'PersistentVolumeClaim', { short: ['pvc'], sub: withStatus }],
    ['persistentvolumes', 'PersistentVolume', { short: ['pv'], cluster, sub: withStatus }],
    ['pods', 'Pod', { short: ['po'], all, sub: withStatus }],
    ['podtemplates', 'PodTemplate'],
    ['replicationcontrollers', 'ReplicationController', { short: ['rc'], all, sub: withScale }],
    ['resourcequotas', 'ResourceQuota', { short: ['quota'], sub: withStatus }],
    ['secrets', 'Secret'],
    ['serviceaccounts', 'ServiceAccount', { short: ['sa'] }],
    ['services', 'Service', { short: ['svc'], all, sub: withStatus }],
  ],
  'admissionregistration.k8s.io/v1': [
    ['mutatingwebhookconfigurations', 'MutatingWebhookConfiguration', { cluster }],
    ['validatingwebhookconfigurations', 'ValidatingWebhookConfiguration', { cluster }],
  ],
  'apiextensions.k8s.io/v1': [
    [
      'customresourcedefinitions',
      'CustomResourceDefinition',
      { short: ['crd', 'crds'], cluster, sub: withStatus },
    ],
  ],
  'apiregistration.k8s.io/v1': [['apiservices', 'APIService', { cluster, sub: withStatus }]],
  'apps/v1': [
    ['controllerrevisions', 'ControllerRevision'],
    ['daemonsets', 'DaemonSet', { short: ['ds'], all, sub: withStatus }],
    ['deployments', 'Deployment', { short: ['deploy'], all, sub: withScale }],
    ['replicasets', 'ReplicaSet', { short: ['rs'], all, sub: withScale }],
    ['statefulsets', 'StatefulSet', { short: ['sts'], all, sub: withScale }],
  ],
  'autoscaling/v2': [
    [
      'horizontalpodautoscalers',
      'HorizontalPodAutoscaler',
      { short: ['hpa'], all, sub: withStatus },
    ],
  ],
  'batch/v1': [
    ['cronjobs', 'CronJob', { short: ['cj'], all, sub: withStatus }],
    ['jobs', 'Job', { all, sub: withStatus }],
  ],
  'coordination.k8s.io/v1': [['leases', 'Lease']],
  'discovery.k8s.io/v1': [['endpointslices', 'EndpointSlice']],
  'networking.k8s.io/v1': [
    ['ingressclasses', 'IngressClass', { cluster }],
    ['ingresses', 'Ingress', { short: ['ing'], sub: withStatus }],
    ['networkpolicies', 'NetworkPolicy', { short: ['netpol'] }],
  ],
  'policy/v1': [
    ['poddisruptionbudgets', 'PodDisruptionBudget', { short: ['pdb'], sub: withStatus }],
  ],
  'rbac.authorization.k8s.io/v1': [
    ['clusterrolebindings', 'ClusterRoleBinding', { cluster }],
    ['clusterroles', 'ClusterRole', { cluster }],
    ['rolebindings', 'RoleBinding'],
    ['roles', 'Role'],
  ],
  'scheduling.k8s.io/v1': [['priorityclasses', 'PriorityClass', { short: ['pc'], cluster }]],
  'storage.k8s.io/v1': [['storageclasses', 'StorageClass', { short: ['sc'], cluster }]],
};

/** Every built-in type, group by group in the order of discovery. */
export const builtinResources: readonly ServedResource[] = Object.entries(
  rowsByGroupVersion,
).flatMap(([groupVersion, rows]) => rows.map((row) => resourceFromRow(groupVersion, row)));

function resourceFromRow(
  groupVersion: string,
  [resource, kind, options = {}]: Row,
): ServedResource {
  const slash = groupVersion.indexOf('/');
  return {
    group: slash < 0 ? '' : groupVersion.slice(0, slash),
    version: groupVersion.slice(slash + 1),
    resource,
    kind,
    singular: kind.toLowerCase(),
    namespaced: options.cluster !== true,
    shortNames: options.short ?? [],
    categories: options.all ? ['all'] : [],
    verbs: ordinaryVerbs,
    subresources: options.sub ?? [],
    isCustom: false,
    printerColumns: [],
  };
}
