/** Puts the agent into a process: ports, files that are watched, and the real implementations. */
import { randomUUID } from 'node:crypto';
import type { ServerOptions } from 'node:https';
import { KubeconfigDocuments } from '@fairlead/cluster-client';
import { isSecretReference, type Secrets, type SecretsFollow } from '@fairlead/secret-engines';
import {
  createMetricsRegistry,
  formatConfigProblem,
  HealthRegistry,
  healthRoutes,
  metricsRoutes,
  nodeClock,
  nodeRandom,
  nodeTimers,
  startHttpServer,
  watchConfig,
  watchFiles,
  type ConfigResult,
  type ConfigSources,
  type FileWatch,
  type HttpRoute,
  type Lifecycle,
  type LoadedConfig,
  type Logger,
} from '@fairlead/service-kit';
import { AccountSources } from './account-sources.ts';
import { adminRoutes } from './admin-pages.ts';
import { Agent } from './agent.ts';
import { AgentMetrics } from './agent-metrics.ts';
import { agentConfigDefinition, type AgentConfig } from './config.ts';
import { accountKubeconfigs, connectCluster, readKubeconfigs } from './node-account-files.ts';
import {
  awaitServerSecrets,
  createAgentSecrets,
  followSecrets,
  reportSecrets,
  settleAccounts,
} from './node-agent-secrets.ts';
import type { DialledLink } from './link-client.ts';
import { fitHeapToAccounts, fitHeapToCrowd } from './node-fleet-heap.ts';
import { createDialer, type LinkConfig } from './node-link-dialer.ts';
import { createTokenSource } from './node-link-token.ts';

/** What the command line led to. */
export interface AgentServiceOptions {
  /** Of the process. */
  readonly lifecycle: Lifecycle;
  /** Where the configuration comes from. */
  readonly sources: ConfigSources;
  /** What was loaded from there. */
  readonly loaded: LoadedConfig<AgentConfig>;
  /** Its valid result. */
  readonly result: Extract<ConfigResult<AgentConfig>, { kind: 'valid' }>;
  /** Log. */
  readonly log: Logger;
  /** The program's version. */
  readonly version: string;
}

/** A running service, for tests. */
export interface AgentService {
  /** The agent. */
  readonly agent: Agent;
  /** Port of the admin pages. */
  readonly port: number;
}

/** Starts everything; each part is released through the lifecycle. */
export async function startAgentService(options: AgentServiceOptions): Promise<AgentService> {
  const { lifecycle, result, log, version } = options;
  const { config } = result;
  for (const problem of result.problems)
    log.warn({ problem: formatConfigProblem(problem) }, 'config');
  const health = new HealthRegistry(nodeClock);
  const secrets = createAgentSecrets(config, {
    environment: options.sources.env ?? {},
    ...{ log, health },
  });
  lifecycle.onStop('secrets', () => secrets.close());
  const registry = createMetricsRegistry({ program: 'fairlead-agent', version });
  const accountSources = new AccountSources(({ file, accounts }) =>
    log.warn({ file, accounts }, 'kubeconfig is not usable now: accounts go on with what they had'),
  );
  const documents = new KubeconfigDocuments();
  const agent = new Agent({
    config,
    version,
    instanceId: randomUUID(),
    dial: dialerOfNewest(secrets),
    connect: (account) =>
      connectCluster(account, { userAgent: `fairlead-agent/${version}`, documents, secrets }),
    sourcesOf: async (accounts) =>
      accountSources.update(accounts, await readKubeconfigs(accounts, secrets)),
    clock: nodeClock,
    timers: nodeTimers,
    onCrowd: fitHeapToCrowd,
    random: nodeRandom,
    log,
    health,
    metrics: new AgentMetrics(registry),
  });
  const metrics = metricsRoutes(registry, ['/metrics', '/prometheus_metrics']);
  const pages = [
    ...healthRoutes(health),
    ...metrics,
    ...adminRoutes({ version, reports: () => agent.reports(), link: () => agent.linkReport() }),
  ];
  const port = await serveAdmin(options, pages, secrets);
  await servePrometheus(options, metrics);
  fitHeapToAccounts(config.kubernetes.accounts.length);
  const reportNow = (): void => reportSecrets(secrets, health);
  let refresh: () => Promise<void> = () => Promise.resolve();
  const look = (): void => {
    refresh().catch((error: unknown) => log.error({ err: error }, 'reload failed'));
  };
  const follow = async (newest: AgentConfig): Promise<SecretsFollow> => {
    const followed = await followSecrets(secrets, newest, look);
    await settleAccounts(secrets, newest);
    return followed;
  };
  const followed = await follow(config);
  await agent.start();
  lifecycle.onStop('agent', () => agent.stop());
  refresh = () => agent.refreshAccounts();
  await followFiles(options, { agent, followed, follow, reportNow });
  return { agent, port };
}

/** Keeps the dialer, and with it a cached token, until the link's configuration changes. */
function dialerOfNewest(secrets: Secrets): (config: LinkConfig) => Promise<DialledLink> {
  let known: LinkConfig | undefined;
  let dial: () => Promise<DialledLink>;
  return (config) => {
    if (config !== known) {
      const token = createTokenSource(config.auth, { clock: nodeClock, secrets });
      dial = createDialer(config, { token, secrets });
    }
    known = config;
    return dial();
  };
}

async function serveAdmin(
  { lifecycle, result, log }: AgentServiceOptions,
  routes: readonly HttpRoute[],
  secrets: Secrets,
): Promise<number> {
  const { host, port, ssl } = result.config.server;
  await awaitServerSecrets(secrets, result.config.server, lifecycle.signal);
  const tls = ssl.enabled ? { tls: await serverTls(ssl, secrets) } : {};
  const onError = (error: unknown, path: string): void =>
    log.error({ err: error, path }, 'page failed');
  const server = await startHttpServer({ host, port, routes, onError, ...tls });
  lifecycle.onStop('admin pages', () => server.close());
  log.info({ host: server.host, port: server.port }, 'admin pages are served');
  return server.port;
}

/** A port that is taken is no reason not to work: the same metrics are on the admin port. */
async function servePrometheus(
  { lifecycle, result, log }: AgentServiceOptions,
  routes: readonly HttpRoute[],
): Promise<void> {
  const { enabled, host, port } = result.config.prometheus;
  if (!enabled) return;
  try {
    const server = await startHttpServer({ host, port, routes });
    lifecycle.onStop('prometheus port', () => server.close());
  } catch (error: unknown) {
    const reason = error instanceof Error ? error.message : String(error);
    log.warn({ host, port, reason }, 'the prometheus port is not to be had; use the admin port');
  }
}

/** What is followed while the configuration may change. */
interface Followed {
  readonly agent: Agent;
  /** What the configuration at the start refers to. */
  readonly followed: SecretsFollow;
  /** Follows what another one refers to. */
  readonly follow: (config: AgentConfig) => Promise<SecretsFollow>;
  /** States what cannot be read. */
  readonly reportNow: () => void;
}

/** The configuration's own files, and the kubeconfigs that its accounts name at the time. */
async function followFiles(options: AgentServiceOptions, parts: Followed): Promise<void> {
  const { lifecycle, loaded, sources, log, result } = options;
  const { agent, follow, reportNow } = parts;
  const onError = (error: unknown): void => log.error({ err: error }, 'reload failed');
  const watchKubeconfigs = ({ kubernetes }: AgentConfig): Promise<FileWatch> => {
    const named = accountKubeconfigs(kubernetes.accounts);
    const files = named.filter((each) => !isSecretReference(each));
    return watchFiles({ files, onChange: () => agent.refreshAccounts(), onError });
  };
  let { followed } = parts;
  let kubeconfigs = await watchKubeconfigs(result.config);
  const configFiles = await watchConfig(loaded, {
    definition: agentConfigDefinition,
    sources,
    onInvalid: (problems) => agent.rejectConfiguration(problems),
    onConfig: async (config, warnings) => {
      fitHeapToAccounts(config.kubernetes.accounts.length);
      // Before the old one ends, so that what both refer to goes on.
      const next = await follow(config);
      await agent.reconfigure(config, warnings);
      await Promise.all([kubeconfigs.close(), followed.close()]);
      followed = next;
      reportNow();
      kubeconfigs = await watchKubeconfigs(config);
    },
    onError,
  });
  lifecycle.onStop('configuration files', async () => {
    await configFiles.close();
    await kubeconfigs.close();
    await followed.close();
  });
}

async function serverTls(
  ssl: AgentConfig['server']['ssl'],
  secrets: Secrets,
): Promise<ServerOptions> {
  const read = async (file: string | undefined) =>
    file === undefined ? undefined : await secrets.content(file);
  const [cert, key, ca] = await Promise.all([ssl.certFile, ssl.keyFile, ssl.caCertFile].map(read));
  const password = ssl.keyPassword ?? ssl.keyFilePassword;
  const passphrase = password === undefined ? undefined : await secrets.text(password);
  const clientAuth = (ssl.clientAuth ?? 'none').toLowerCase();
  return {
    requestCert: clientAuth !== 'none',
    rejectUnauthorized: clientAuth === 'require' || clientAuth === 'need',
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(ca === undefined ? {} : { ca }),
    ...(passphrase === undefined ? {} : { passphrase }),
  };
}
