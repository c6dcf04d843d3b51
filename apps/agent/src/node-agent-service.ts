/** Puts the agent into a process: ports, files that are watched, and the real implementations. */
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { KubeconfigDocuments } from '@fairlead/cluster-client';
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
import { accountFiles, connectCluster, readKubeconfigs } from './node-account-files.ts';
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
  const registry = createMetricsRegistry({ program: 'fairlead-agent', version });
  const accountSources = new AccountSources(({ file, accounts }) =>
    log.warn({ file, accounts }, 'kubeconfig is not usable now: accounts go on with what they had'),
  );
  const documents = new KubeconfigDocuments();
  const agent = new Agent({
    config,
    version,
    instanceId: randomUUID(),
    dial: dialerOfNewest(),
    connect: (account) =>
      connectCluster(account, { userAgent: `fairlead-agent/${version}`, documents }),
    sourcesOf: async (accounts) => accountSources.update(accounts, await readKubeconfigs(accounts)),
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
  const port = await serveAdmin(options, pages);
  await servePrometheus(options, metrics);
  fitHeapToAccounts(config.kubernetes.accounts.length);
  await agent.start();
  lifecycle.onStop('agent', () => agent.stop());
  await followFiles(options, agent);
  return { agent, port };
}

/** Keeps the dialer, and with it a cached token, until the link's configuration changes. */
function dialerOfNewest(): (config: LinkConfig) => Promise<DialledLink> {
  let known: LinkConfig | undefined;
  let dial: () => Promise<DialledLink>;
  return (config) => {
    if (config !== known) dial = createDialer(config, createTokenSource(config.auth, nodeClock));
    known = config;
    return dial();
  };
}

async function serveAdmin(
  { lifecycle, result, log }: AgentServiceOptions,
  routes: readonly HttpRoute[],
): Promise<number> {
  const { host, port, ssl } = result.config.server;
  const tls = ssl.enabled ? { tls: await serverTls(ssl) } : {};
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

/** The configuration's own files, and the kubeconfigs that its accounts name at the time. */
async function followFiles(options: AgentServiceOptions, agent: Agent): Promise<void> {
  const { lifecycle, loaded, sources, log, result } = options;
  const onError = (error: unknown): void => log.error({ err: error }, 'reload failed');
  const followKubeconfigs = (config: AgentConfig): Promise<FileWatch> =>
    watchFiles({
      files: accountFiles(config.kubernetes.accounts),
      onChange: () => agent.refreshAccounts(),
      onError,
    });
  let kubeconfigs = await followKubeconfigs(result.config);
  const configFiles = await watchConfig(loaded, {
    definition: agentConfigDefinition,
    sources,
    onInvalid: (problems) => agent.rejectConfiguration(problems),
    onConfig: async (config, warnings) => {
      fitHeapToAccounts(config.kubernetes.accounts.length);
      await agent.reconfigure(config, warnings);
      await kubeconfigs.close();
      kubeconfigs = await followKubeconfigs(config);
    },
    onError,
  });
  lifecycle.onStop('configuration files', async () => {
    await configFiles.close();
    await kubeconfigs.close();
  });
}

async function serverTls(ssl: AgentConfig['server']['ssl']): Promise<ServerOptions> {
  const read = async (file: string | undefined) =>
    file === undefined ? undefined : await readFile(file);
  const [cert, key, ca] = await Promise.all([ssl.certFile, ssl.keyFile, ssl.caCertFile].map(read));
  const passphrase = ssl.keyPassword ?? ssl.keyFilePassword;
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
