/**
 * Every option that Armory documents for its agent, with a value and what becomes of it here: the
 * value that the configuration then holds, or the word of the warning that says why it is not needed
 * or what to use. `docs/moving-from-armory.md` has the same table for people.
 */

/** What becomes of an option. */
export type OptionOutcome =
  /** It works here; the configuration holds `value` at `path`. */
  | { readonly kind: 'supported'; readonly path: string; readonly value: unknown }
  /** A warning says so; it contains `words`. */
  | { readonly kind: 'unneeded'; readonly words: string };

/** One documented option. */
export interface ArmoryOption {
  /** As documented; `[]` stands for an item of a list. */
  readonly name: string;
  /** A value that differs from the default. */
  readonly given: unknown;
  readonly outcome: OptionOutcome;
}

const supported = (name: string, given: unknown, value: unknown = given): ArmoryOption => ({
  name,
  given,
  outcome: { kind: 'supported', path: name, value },
});

const renamed = (name: string, path: string, given: unknown): ArmoryOption => ({
  name,
  given,
  outcome: { kind: 'supported', path, value: given },
});

const unneeded = (name: string, given: unknown, words: string): ArmoryOption => ({
  name,
  given,
  outcome: { kind: 'unneeded', words },
});

const account = 'kubernetes.accounts[]';
const apply = 'strategy.spinnaker.io/server-side-apply';

const ofLink: readonly ArmoryOption[] = [
  supported('clouddriver.grpc', 'a.example:443'),
  supported('clouddriver.insecure', true),
  supported('clouddriver.tls.serverName', 'a.example'),
  supported('clouddriver.tls.insecureSkipVerify', true),
  supported('clouddriver.tls.clientCertFile', 'file:///a.crt', '/a.crt'),
  supported('clouddriver.tls.clientKeyFile', 'file:///a.key', '/a.key'),
  supported('clouddriver.tls.clientKeyFilePassword', 'a'),
  supported('clouddriver.tls.cacertFile', '/ca.pem'),
  supported('clouddriver.auth.token', 'a'),
  supported('clouddriver.auth.tokenCommand.command', 'a'),
  supported('clouddriver.auth.tokenCommand.args', ['a']),
  supported('clouddriver.auth.tokenCommand.format', 'raw'),
  supported('clouddriver.auth.tokenCommand.refreshIntervalSeconds', 60),
  supported('clouddriver.noProxy', true),
  supported('clouddriver.keepAliveHeartbeatSeconds', 60),
  supported('clouddriver.keepAliveTimeOutSeconds', 180),
  unneeded('clouddriver.keepAliveOperationSeconds', 600, 'heartbeats'),
  supported('clouddriver.backoff.baseDelay', 2_000_000_000, 2000),
  supported('clouddriver.backoff.multiplier', 2),
  supported('clouddriver.backoff.jitter', 0.5),
  supported('clouddriver.backoff.maxDelay', 120_000_000_000, 120_000),
  unneeded('clouddriver.responseRetries.enabled', true, 'connection of their request'),
  unneeded('clouddriver.responseRetries.maxRetries', 1200, 'connection of their request'),
  unneeded('clouddriver.responseRetries.backOffMs', 3000, 'connection of their request'),
];

const ofKubernetes: readonly ArmoryOption[] = [
  unneeded('kubernetes.noProxy', true, 'proxy-url'),
  unneeded('kubernetes.reconnectTimeoutMs', 5000, 'backoff of its own'),
  unneeded('kubernetes.cacheGroupSize', 5, 'tasks.totalBudget'),
  unneeded('kubernetes.cacheGroupDelayMs', 5000, 'tasks.totalBudget'),
  unneeded('kubernetes.retries.enabled', false, 'backoff of its own'),
  unneeded('kubernetes.retries.maxRetries', 5, 'backoff of its own'),
  unneeded('kubernetes.retries.backOffMs', 5000, 'backoff of its own'),
  unneeded('kubernetes.retries.retryAnyError', true, 'backoff of its own'),
  unneeded('kubernetes.retries.retryableErrors', ['timeout'], 'backoff of its own'),
  unneeded('kubernetes.serverSideApply.enabled', 'always', apply),
  unneeded('kubernetes.serverSideApply.clearManagedFields', 'never', apply),
  unneeded('kubernetes.serverSideApply.manifestDefaults', 'never', apply),
  unneeded('kubernetes.serverSideApply.kinds[].kind', 'ConfigMap', apply),
  unneeded('kubernetes.serverSideApply.kinds[].enabled', 'always', apply),
  unneeded('kubernetes.serverSideApply.kinds[].clearManagedFields', 'always', apply),
  unneeded('kubernetes.serverSideApply.kinds[].manifestDefaults', 'always', apply),
  unneeded('timeoutSeconds', 30, 'a bound of its own'),
];

const ofAccounts: readonly ArmoryOption[] = [
  supported(`${account}.name`, 'prod'),
  supported(`${account}.kubeconfigFile`, '/a.yaml'),
  renamed(`${account}.kubeConfigFile`, `${account}.kubeconfigFile`, '/a.yaml'),
  supported(`${account}.context`, 'a'),
  supported(`${account}.insecure`, true),
  unneeded(`${account}.oAuthScopes`, ['a'], 'exec plugin'),
  supported(`${account}.serviceAccount`, true),
  unneeded(`${account}.serviceAccountName`, 'a', 'its own service account'),
  supported(`${account}.kinds`, ['deployment']),
  supported(`${account}.omitKinds`, ['podPreset']),
  supported(`${account}.namespaces`, ['a']),
  supported(`${account}.omitNamespaces`, ['a']),
  supported(`${account}.onlyNamespacedResources`, true),
  supported(`${account}.customResourceDefinitions[].kind`, 'A.example.com'),
  supported(`${account}.customResourceDefinitions[].scope`, 'Cluster'),
  unneeded(`${account}.metrics`, true, 'read live'),
  supported(`${account}.permissions`, [{ READ: ['a'] }, { WRITE: ['b'] }], {
    READ: ['a'],
    WRITE: ['b'],
  }),
  supported(`${account}.maxResumableResourceAgeMs`, 60_000),
  supported(`${account}.onlySpinnakerManaged`, true),
  unneeded(`${account}.noProxy`, true, 'proxy-url'),
  unneeded(`${account}.skipServerSideApply`, true, apply),
  unneeded(`${account}.skipManifestDefaults`, true, 'applies nothing itself'),
];

const inFile = 'entries of this file';
const rotation = 'logrotate';

const ofTheRest: readonly ArmoryOption[] = [
  unneeded('dynamicAccountsEnabled', true, inFile),
  unneeded('dynamicAccounts.enabled', true, inFile),
  unneeded('dynamicAccounts.interceptor.enabled', true, inFile),
  unneeded('dynamicAccounts.scanBatchSize', 15, inFile),
  unneeded('dynamicAccounts.scanFrequencySeconds', 60, inFile),
  unneeded('dynamicAccounts.namePatterns', ['a.*'], inFile),
  unneeded('dynamicAccounts.credentialScanNamePatterns', ['a.*'], inFile),
  supported('logging.level', 'WARNING', 'warn'),
  supported('logging.format', 'json'),
  supported('logging.file', '/a.log'),
  supported('logging.multiWrite', true),
  unneeded('logging.maxSizeMb', 5, rotation),
  unneeded('logging.maxAgeDays', 5, rotation),
  unneeded('logging.maxBackups', 5, rotation),
  unneeded('logging.localTime', true, 'UTC'),
  unneeded('logging.compress', true, rotation),
  supported('logging.fields', { a: 'b' }),
  unneeded('pprof.enabled', true, 'node --inspect'),
  unneeded('pprof.port', 6061, 'node --inspect'),
  supported('prometheus.enabled', true),
  supported('prometheus.port', 8009),
  supported('server.host', '0.0.0.0'),
  supported('server.port', 8083),
  supported('server.ssl.enabled', true),
  supported('server.ssl.certFile', '/a.crt'),
  supported('server.ssl.keyFile', '/a.key'),
  supported('server.ssl.keyPassword', 'a'),
  supported('server.ssl.caCertFile', '/ca.pem'),
  supported('server.ssl.keyFilePassword', 'a'),
  supported('server.ssl.clientAuth', 'REQUIRE'),
  supported('tasks.totalBudget', 5),
  supported('tasks.budgetPerAccount', 5),
  unneeded('tasks.queueCheckFrequencyMs', 1000, 'start at once'),
  unneeded('hub.auth.armory.clientId', 'a', 'no hosted hub'),
  unneeded('hub.auth.armory.secret', 'a', 'no hosted hub'),
];

/** All of them, in the order of Armory's documentation; `secrets` has tests of its own. */
export const armoryOptions: readonly ArmoryOption[] = [
  ...ofLink,
  ...ofKubernetes,
  ...ofAccounts,
  ...ofTheRest,
];
