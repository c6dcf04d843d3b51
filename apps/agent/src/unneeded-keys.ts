/**
 * Keys of Armory's agent, and of Clouddriver's accounts, that do nothing here, each with why.
 * They are accepted with a warning, so that an existing file works unchanged.
 */
import type { UnneededKeys } from '@fairlead/service-kit';

const wholeKubectl = 'requests go through the bridge as they are, nothing is applied by the agent';
const rotation = 'rotation is left to the platform; the file is only appended to';
const pace = 'feeds are paced by tasks and budget';
const clouddriverOnly = 'it concerns polling by Clouddriver, which does not poll this account';
const gone = 'the version of Clouddriver that read it is gone';

const ofTop: UnneededKeys = {
  timeoutSeconds: 'each kind of request has a bound of its own',
  pprof: 'there is no Go profiler; use node --inspect',
  hub: 'there is no hosted hub',
  secrets: 'secret engines are not asked; mount kubeconfigs and tokens as files',
  dynamicAccountsEnabled: 'accounts are added by changing this file; no restart is needed',
  dynamicAccounts: 'accounts are added by changing this file; no restart is needed',
};

const ofClouddriverLink: UnneededKeys = {
  'clouddriver.keepAliveOperationSeconds': 'both sides send heartbeats on the link itself',
  'clouddriver.responseRetries': 'answers travel on the connection of their request',
};

const ofKubernetes: UnneededKeys = {
  'kubernetes.noProxy': 'proxies are taken from the kubeconfig (proxy-url) only',
  'kubernetes.reconnectTimeoutMs': 'each feed reconnects with its own backoff',
  'kubernetes.cacheGroupSize': pace,
  'kubernetes.cacheGroupDelayMs': pace,
  'kubernetes.retries': 'each feed retries with its own backoff',
  'kubernetes.serverSideApply': wholeKubectl,
};

const ofLoggingAndTasks: UnneededKeys = {
  'logging.maxSizeMb': rotation,
  'logging.maxAgeDays': rotation,
  'logging.maxBackups': rotation,
  'logging.localTime': rotation,
  'logging.compress': rotation,
  'tasks.queueCheckFrequencyMs': 'waiting lists start at once when there is room',
};

const ofAccount: Readonly<Record<string, string>> = {
  noProxy: 'proxies are taken from the kubeconfig (proxy-url) only',
  serviceAccountName: 'the pod runs as its own service account',
  oAuthScopes: 'use an exec plugin in the kubeconfig',
  oAuthServiceAccount: 'use an exec plugin in the kubeconfig',
  oauthServiceAccount: 'use an exec plugin in the kubeconfig',
  metrics: 'pod metrics are read live through the gateway',
  skipServerSideApply: wholeKubectl,
  skipManifestDefaults: wholeKubectl,
  serverSideApply: wholeKubectl,
  kubeconfigContents: 'credentials stay in files; use kubeconfigFile',
  kubectlExecutable: 'no kubectl is run',
  kubectlRequestTimeoutSeconds: 'no kubectl is run',
  checkPermissionsOnStartup: 'a kind that may not be read is shown as forbidden',
  cacheThreads: clouddriverOnly,
  cacheIntervalSeconds: clouddriverOnly,
  cachingPolicies: clouddriverOnly,
  debug: 'use logging.level',
  requiredGroupMembership: 'use permissions',
  providerVersion: gone,
  liveManifestCalls: gone,
  dockerRegistries: gone,
  configureImagePullSecrets: gone,
  skin: gone,
  version: gone,
  type: 'every account here is a Kubernetes account',
};

/** All of them, as patterns for the configuration definition. */
export const unneededKeys: UnneededKeys = {
  ...ofTop,
  ...ofClouddriverLink,
  ...ofKubernetes,
  ...ofLoggingAndTasks,
  ...Object.fromEntries(
    Object.entries(ofAccount).map(([key, why]) => [`kubernetes.accounts.*.${key}`, why]),
  ),
};
