/**
 * Keys of Armory's agent, and of Clouddriver's accounts, that do nothing here, each with why, and
 * with what to use instead where somebody may want it. They are accepted with a warning, so that an
 * existing file works unchanged. The warning begins with "not needed: ".
 */
import type { UnneededKeys } from '@fairlead/service-kit';

const ownRequests = 'requests of Clouddriver pass as they are; the agent applies nothing itself';
const serverSideApply = `${ownRequests}. For server-side apply annotate manifests with strategy.spinnaker.io/server-side-apply (Clouddriver 1.33 and newer)`;
const proxyUrl =
  'HTTP_PROXY and the like are never used for API servers; where a proxy is needed, give proxy-url in the kubeconfig';
const rotation = 'the file is only appended to; leave rotation to logrotate, or log to stdout';
const pace = 'initial lists are paced by tasks.totalBudget and memory by budget.inFlightBytes';
const execPlugin = 'use an exec plugin in the kubeconfig; they are run';
const clouddriverOnly = 'it concerns polling by Clouddriver, which does not poll this account';
const noKubectl = 'no kubectl is run';
const gone = 'the versions of Clouddriver that read it are gone';
const inFile = 'accounts come and go with the entries of this file; no restart is needed';
const ofClouddriver = 'it belongs into the configuration of Clouddriver (docs/clouddriver.md)';
const ofPlugin =
  'it is a setting of the plugin in Clouddriver, which is no longer there; docs/moving-from-armory.md says what takes its place';

const ofTop: UnneededKeys = {
  timeoutSeconds: 'each kind of request has a bound of its own',
  pprof: 'there is no Go profiler; use node --inspect',
  hub: 'there is no hosted hub; clouddriver.grpc is the address of the bridge',
  dynamicAccountsEnabled: inFile,
  dynamicAccounts: inFile,
  kubesvc: ofPlugin,
  armory: ofPlugin,
};

const ofClouddriverLink: UnneededKeys = {
  'clouddriver.keepAliveOperationSeconds':
    'both sides send heartbeats on the link itself, and a link that is silent for 60 s is dialled anew',
  'clouddriver.responseRetries': 'answers travel on the connection of their request',
  'clouddriver.tls.clientKeyPassword': 'the password is clouddriver.tls.clientKeyFilePassword',
};

const ofKubernetes: UnneededKeys = {
  'kubernetes.noProxy': proxyUrl,
  'kubernetes.reconnectTimeoutMs': 'each feed reconnects with a backoff of its own',
  'kubernetes.cacheGroupSize': pace,
  'kubernetes.cacheGroupDelayMs': pace,
  'kubernetes.retries':
    'each feed retries with a backoff of its own; what Clouddriver asks is asked once, and it gets the answer',
  'kubernetes.serverSideApply': serverSideApply,
  'kubernetes.enabled': ofClouddriver,
  'kubernetes.primaryAccount': ofClouddriver,
  'kubernetes.cache': ofClouddriver,
  'kubernetes.kubectl': ofClouddriver,
  'kubernetes.oAuth': ofClouddriver,
  'kubernetes.jobExecutor': ofClouddriver,
  'kubernetes.loadNamespacesInAccount': ofClouddriver,
  'kubernetes.verifyAccountHealth': ofClouddriver,
};

const ofLoggingAndTasks: UnneededKeys = {
  'logging.maxSizeMb': rotation,
  'logging.maxAgeDays': rotation,
  'logging.maxBackups': rotation,
  'logging.localTime': 'times in the log are UTC',
  'logging.compress': rotation,
  'tasks.queueCheckFrequencyMs': 'waiting lists start at once when there is room',
};

const ofAccount: Readonly<Record<string, string>> = {
  noProxy: proxyUrl,
  serviceAccountName: 'the pod runs as its own service account',
  oAuthScopes: execPlugin,
  oAuthServiceAccount: execPlugin,
  oauthServiceAccount: execPlugin,
  metrics: 'pod metrics are read live through the bridge',
  skipServerSideApply: serverSideApply,
  skipManifestDefaults: ownRequests,
  serverSideApply,
  kubeconfigContents: 'credentials stay in files; use kubeconfigFile',
  kubectlExecutable: noKubectl,
  kubectlRequestTimeoutSeconds: noKubectl,
  checkPermissionsOnStartup: 'a kind that may not be read is shown as forbidden',
  cacheThreads: clouddriverOnly,
  cacheIntervalSeconds: clouddriverOnly,
  cachingPolicies: clouddriverOnly,
  debug: 'use logging.level: debug',
  requiredGroupMembership: 'use permissions',
  zoneId: 'whichever agent has the account in its file serves it',
  kubeconfigAgent: 'whichever agent has the account in its file serves it',
  user: 'use context; it names cluster and user of the kubeconfig',
  cluster: 'use context; it names cluster and user of the kubeconfig',
  providerVersion: gone,
  liveManifestCalls: gone,
  dockerRegistries: gone,
  imagePullSecrets: gone,
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
