/**
 * A bridge on PostgreSQL, an agent with two clusters that change and a name that it may not have, and a
 * Prometheus that scrapes both every second.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Fleet, startFleet } from '@fairlead/cluster-sim';
import {
  acquirePostgres,
  freePort,
  type PrometheusHandle,
  startPrometheus,
} from '@fairlead/testbed';
import {
  type AgentProgram,
  type BridgeProgram,
  startAgentProgram,
  startBridgeProgram,
} from '../src/installation/programs.ts';
import { hastyRules } from './monitoring-files.ts';

/** Everything that runs. */
export interface MonitoredInstallation extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly bridge: BridgeProgram;
  readonly agent: AgentProgram;
  readonly prometheus: PrometheusHandle;
}

const token = 'token-of-the-monitored-agent';

/** Starts it; accounts may be syncing still. */
export async function startMonitoredInstallation(): Promise<MonitoredInstallation> {
  await using started = new AsyncDisposableStack();
  const fleet = await startFleet({
    ...{ clusters: 2, objectsPerCluster: 60, churnPerSecond: 8, seed: 48 },
  });
  started.defer(() => fleet.stop());
  const bridge = started.adopt(await startBridge(started), ({ program }) => program.stop());
  const metricsPort = await freePort();
  const prometheus = started.use(await startScraper(bridge.url, metricsPort));
  const { faults } = fleet.cluster('sim-2');
  const forbidden = { kind: 'status', code: 403, message: 'ingresses are forbidden' } as const;
  faults.add({ match: { resource: 'ingresses' }, effect: forbidden });
  const agent = await startAgent({ fleet, bridge, metricsPort, started });
  started.defer(() => agent.program.stop());
  const all = started.move();
  return {
    ...{ fleet, bridge, agent, prometheus },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startBridge(started: AsyncDisposableStack): Promise<BridgeProgram> {
  const postgres = started.use(await acquirePostgres());
  const database = await postgres.createDatabase();
  started.defer(() => database.drop());
  const auth = { agents: [{ token, accounts: ['sim-*'] }] };
  return startBridgeProgram({ sqlUrl: database.url, config: { auth } });
}

async function startAgent({
  fleet,
  bridge: { grpcAddress },
  metricsPort,
  started,
}: {
  readonly fleet: Fleet;
  readonly bridge: BridgeProgram;
  readonly metricsPort: number;
  readonly started: AsyncDisposableStack;
}): Promise<AgentProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'fairlead-monitored-'));
  started.defer(() => rm(folder, { recursive: true }));
  const kubeconfigFile = join(folder, 'kubeconfig.yaml');
  await writeFile(kubeconfigFile, fleet.kubeconfig());
  return startAgentProgram({
    grpcAddress,
    config: {
      clouddriver: { grpc: grpcAddress, insecure: true, auth: { token } },
      prometheus: { enabled: true, host: '127.0.0.1', port: metricsPort },
    },
    accounts: [
      { name: 'sim-1', kubeconfigFile, context: 'sim-1' },
      { name: 'sim-2', kubeconfigFile, context: 'sim-2' },
      { name: 'not-ours', kubeconfigFile, context: 'sim-1' },
    ],
  });
}

function startScraper(bridgeUrl: string, agentPort: number): Promise<PrometheusHandle> {
  const job = (name: string, target: string) => ({
    job_name: name,
    // As a ServiceMonitor labels what it finds.
    static_configs: [{ targets: [target], labels: { namespace: 'spinnaker' } }],
  });
  return startPrometheus({
    config: {
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '500ms' },
      rule_files: ['fairlead.yaml'],
      scrape_configs: [
        job('fairlead-bridge', new URL(bridgeUrl).host),
        job('fairlead-agent', `127.0.0.1:${String(agentPort)}`),
      ],
    },
    files: { 'fairlead.yaml': hastyRules() },
  });
}
