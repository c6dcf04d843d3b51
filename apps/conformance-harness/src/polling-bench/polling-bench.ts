/**
 * `bench polling`: one cluster of 10,000 objects in 20 namespaces, polled with kubectl each 30 s as
 * Clouddriver does, and fed by an agent and a bridge.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findKubectl, type ProgramHandle } from '@fairlead/testbed';
import { openBenchDatabase } from '../bench/bench-ground.ts';
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, median } from '../bench/bench-report.ts';
import { readProcessUsage } from '../bench/process-usage.ts';
import { untilCompared } from '../bench/until-compared.ts';
import { untilSynced } from '../bench/until-synced.ts';
import { startAgentProgram, startBridgeProgram } from '../installation/programs.ts';
import { type ClusterServer, startClusterServer } from '../watch-bench/cluster-server.ts';
import { applicationNamespaces, countCluster } from './counted-cluster.ts';
import { type KubectlPlace, runPollingCycle } from './kubectl-client.ts';
import {
  allPolledKinds,
  defaultPolledKinds,
  type PolledKinds,
  pollingCommands,
} from './polling-commands.ts';
import { type FedRun, type PolledRun, pollingMeasures, type PollingRun } from './polling-report.ts';
import { beyond, type Usage, usageBetween } from './usage-window.ts';
import { measureVisibleMs } from './until-visible.ts';

const shape = { objectsPerCluster: 10_000, namespacesPerCluster: 20 };
/** Changes a second, by fleet; the answers of all but one are compressed for whoever asks for it. */
const fleets = {
  slow: { ...shape, churnPerSecond: 1 },
  fast: { ...shape, churnPerSecond: 10 },
  uncompressed: { ...shape, churnPerSecond: 10, gzip: false },
} as const;
const polledKinds: readonly PolledKinds[] = [allPolledKinds, defaultPolledKinds];
/** What a sync leaves behind has passed by then. */
const settleMs = 10_000;
/** As long as the API server takes between two bookmarks of a watch. */
const fedWindowMs = 60_000;
const windowsAnHour = 60;
const visibleChanges = 50;

/** Measures both by turns on the same clusters. */
export async function benchPolling({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  const kubectl = await findKubectl({ onProgress: progress });
  const home = await mkdtemp(join(tmpdir(), 'fairlead-kubectl-'));
  try {
    await using server = await startClusterServer(fleets);
    const results: PollingRun[] = [];
    for (let run = 0; run < runs; run += 1) {
      const result = await runOnce(server, { kubectl, home });
      progress(`run ${String(run + 1)}: ${JSON.stringify(result)}`);
      results.push(result);
    }
    return pollingMeasures(results);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function runOnce(server: ClusterServer, place: KubectlPlace): Promise<PollingRun> {
  const polled: PolledRun[] = [];
  for (const kinds of polledKinds) {
    const plain = await poll(server, 'uncompressed', { kinds, place });
    const asSent = await poll(server, 'fast', { kinds, place });
    polled.push({ ...asSent, kinds: kinds.name, uncompressedBytes: plain.bytes });
  }
  const fed = [await feed(server, 'slow'), await feed(server, 'fast')];
  return { polled, fed };
}

/** One cycle, after one that fills kubectl's cache of what is served. */
async function poll(
  server: ClusterServer,
  fleet: keyof typeof fleets,
  { kinds, place }: { readonly kinds: PolledKinds; readonly place: KubectlPlace },
) {
  await using cluster = await countCluster(server.fleet(fleet));
  const { kubeconfigFile, context } = cluster;
  const namespaces = await applicationNamespaces(cluster);
  const commands = pollingCommands({ kubeconfigFile, context, namespaces, kinds });
  await runPollingCycle(commands.slice(0, kinds.clusterWide.length + 1), place);
  const bytesBefore = await cluster.receivedBytes();
  const cycle = await runPollingCycle(commands, place);
  return {
    cycleSeconds: cycle.seconds,
    cpuSeconds: cycle.cpuSeconds,
    commandSeconds: median(cycle.namespaceSeconds),
    bytes: (await cluster.receivedBytes()) - bytesBefore,
  };
}

/**
 * Agent and bridge: while they compare all that is stored with the cluster (once after a start, then
 * once an hour), over a window without a question of ours, and changes until they are visible.
 */
async function feed(server: ClusterServer, name: 'slow' | 'fast'): Promise<FedRun> {
  await using cluster = await countCluster(server.fleet(name));
  await using database = await openBenchDatabase('postgres');
  const bridge = await startBridgeProgram({ sqlUrl: database.url });
  const { kubeconfigFile, context } = cluster;
  const agent = await startAgentProgram({
    grpcAddress: bridge.grpcAddress,
    accounts: [{ name, kubeconfigFile, context, kinds: ['*'] }],
  });
  try {
    await untilSynced(bridge.url, name);
    await pause(settleMs);
    const read = async (): Promise<Usage> => ({
      atMs: performance.now(),
      cpuSeconds: await cpuSecondsOf([agent.program, bridge.program]),
      bytes: await cluster.receivedBytes(),
    });
    const atStart = await read();
    await untilCompared(bridge.url, name);
    const compared = await read();
    await pause(fedWindowMs);
    const window = usageBetween(compared, await read());
    const comparison = beyond(usageBetween(atStart, compared), window);
    const [namespace = ''] = await applicationNamespaces(cluster);
    const places = { clusterUrl: cluster.url, bridgeUrl: bridge.url, account: name, namespace };
    const visibleMs = await measureVisibleMs(places, visibleChanges);
    return {
      changesPerSecond: fleets[name].churnPerSecond,
      cpuSecondsAnHour: window.cpuSeconds * windowsAnHour + comparison.cpuSeconds,
      bytesAnHour: window.bytes * windowsAnHour + comparison.bytes,
      visibleMs: median(visibleMs),
    };
  } finally {
    await agent.program.stop();
    await bridge.program.stop();
  }
}

async function cpuSecondsOf(programs: readonly ProgramHandle[]): Promise<number> {
  const usages = await Promise.all(programs.map(({ pid }) => readProcessUsage(pid ?? 0)));
  return usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
