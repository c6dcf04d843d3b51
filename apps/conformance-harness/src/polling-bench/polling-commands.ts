/**
 * What Clouddriver asks kubectl for in one cycle of an account's caching agent. Pure.
 *
 * Its source: `KubernetesCachingAgent.loadPrimaryResourceList` and `KubectlJobExecutor.list` of
 * https://github.com/spinnaker/spinnaker/tree/main/clouddriver/clouddriver-kubernetes
 */
import { defaultCachedKinds, nativeKinds } from '@fairlead/clouddriver-model';

/** Seconds from the start of a cycle to the next: `sql.agent.poll.intervalSeconds`, by default. */
export const pollIntervalSeconds = 30;

/** Which kinds are polled. */
export interface PolledKinds {
  /** For the report. */
  readonly name: string;
  /** Asked for in each namespace, in one call. */
  readonly namespaced: readonly string[];
  /** Asked for once, a call each. */
  readonly clusterWide: readonly (readonly string[])[];
}

/** One run of kubectl. */
export interface PollingCommand {
  /** `''` for what is asked of the whole cluster. */
  readonly namespace: string;
  readonly args: readonly string[];
}

/** Kinds of nativeKinds without a namespace. */
const clusterScoped: ReadonlySet<string> = new Set([
  'apiService',
  'clusterRole',
  'clusterRoleBinding',
  'customResourceDefinition',
  'mutatingWebhookConfiguration',
  'namespace',
  'persistentVolume',
  'storageClass',
  'validatingWebhookConfiguration',
]);

/** Kinds that recent clusters, or simulated ones, do not serve: Clouddriver finds that out first. */
const notServed: ReadonlySet<string> = new Set([
  'csiDriver',
  'csiNode',
  'podPreset',
  'podSecurityPolicy',
]);

/** Asked for by every account in each cycle: which namespaces and which custom kinds there are. */
const asides = [['namespace'], ['customResourceDefinition']] as const;

/** The kinds of Clouddriver's classic screens, which it caches unless told otherwise. */
export const defaultPolledKinds: PolledKinds = {
  name: 'default kinds',
  namespaced: defaultCachedKinds,
  clusterWide: asides,
};

/** Every kind that Clouddriver knows by name (`kubernetes.cache.cacheAll`); no custom ones. */
export const allPolledKinds: PolledKinds = {
  name: 'all kinds',
  namespaced: nativeKinds.filter((kind) => !clusterScoped.has(kind) && !notServed.has(kind)),
  clusterWide: [...asides, nativeKinds.filter((kind) => clusterScoped.has(kind))],
};

/** The commands of a cycle, in order. */
export function pollingCommands(options: {
  readonly kubeconfigFile: string;
  readonly context: string;
  readonly namespaces: readonly string[];
  readonly kinds: PolledKinds;
}): readonly PollingCommand[] {
  const { kubeconfigFile, context, namespaces, kinds } = options;
  const cluster = [`--kubeconfig=${kubeconfigFile}`, `--context=${context}`];
  const get = (of: readonly string[]): readonly string[] => ['-o', 'json', 'get', of.join(',')];
  return [
    ...kinds.clusterWide.map((each) => ({ namespace: '', args: [...cluster, ...get(each)] })),
    ...namespaces.map((namespace) => ({
      namespace,
      args: [...cluster, `--namespace=${namespace}`, ...get(kinds.namespaced)],
    })),
  ];
}
