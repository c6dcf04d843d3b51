/** `bench fleet`: hundreds of accounts in one agent, each with a change a second. */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureOf } from '../bench/bench-report.ts';
import { readProcessUsage } from '../bench/process-usage.ts';
import { type AgentProgram, startAgentProgram } from '../installation/programs.ts';
import { sumOf } from '../installation/prometheus-text.ts';
import { type AskedProcess, startAskedProcess } from './child-process.ts';
import { type ClusterServer, startClusterServer } from './cluster-server.ts';
import { type DeltaTotals } from './counted-accounts.ts';
import { splitKubeconfig } from './split-kubeconfig.ts';

const clusters = 300;
const objectsPerCluster = 1_000;
const changesPerSecond = 1;
const measuredMs = 60_000;
const pollMs = 500;
const timeoutMs = 300_000;
const fleetName = 'fleet';
/** A client may ask where the server is by a list of one object. */
const mostProbesPerFeed = 1;

interface FleetRun {
  readonly syncSeconds: number;
  readonly peakRssMiB: number;
  readonly rssMiB: number;
  readonly cpuPercent: number;
  readonly changesPerSecond: number;
}

/** Measures RSS after everything was listed, and CPU over a minute of changes. */
export async function benchFleet({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  const results: FleetRun[] = [];
  for (let run = 0; run < runs; run += 1) {
    results.push(await runOnce());
    progress(`run ${String(run + 1)}: ${JSON.stringify(results.at(-1))}`);
  }
  const of = (pick: (run: FleetRun) => number, facts: Parameters<typeof measureOf>[1]): Measure =>
    measureOf(results.map(pick), facts);
  const accounts = `${String(clusters)} accounts of ${objectsPerCluster.toLocaleString('en')} objects`;
  return [
    of((run) => run.peakRssMiB, { name: `${accounts}: peak RSS`, unit: 'MiB', target: '< 400' }),
    of((run) => run.rssMiB, { name: `${accounts}: RSS at the end`, unit: 'MiB', target: '< 400' }),
    of((run) => run.cpuPercent, {
      name: `${accounts}: CPU at 1 change per account and second`,
      unit: '% of a core',
      target: '< 25',
    }),
    of((run) => run.changesPerSecond, { name: `${accounts}: changes handed on`, unit: '1/s' }),
    of((run) => run.syncSeconds, { name: `${accounts}: all listed`, unit: 's' }),
  ];
}

async function runOnce(): Promise<FleetRun> {
  await using server = await startClusterServer({
    [fleetName]: { clusters, objectsPerCluster, churnPerSecond: changesPerSecond, tls: true },
  });
  await using bridge = startAskedProcess('counting-bridge-main');
  const port = (await bridge.ask('listen')) as number;
  await bridge.ask('acceptAll');
  await using kubeconfigs = await splitKubeconfig(server.fleet(fleetName).kubeconfigFile);
  const startedAt = performance.now();
  const agent = await startAgentProgram({
    grpcAddress: `127.0.0.1:${String(port)}`,
    accounts: [...kubeconfigs.files].map(([name, kubeconfigFile]) => ({ name, kubeconfigFile })),
  });
  try {
    await untilAllWatch(agent);
    const syncSeconds = (performance.now() - startedAt) / 1_000;
    const pid = agent.program.pid ?? 0;
    const [before, deltasBefore] = [await readProcessUsage(pid), await totalsOf(bridge)];
    await pause(measuredMs);
    const [after, deltasAfter] = [await readProcessUsage(pid), await totalsOf(bridge)];
    await untilExact(server, bridge, agent);
    const seconds = measuredMs / 1_000;
    return {
      syncSeconds,
      peakRssMiB: after.peakRssBytes / 2 ** 20,
      rssMiB: after.rssBytes / 2 ** 20,
      cpuPercent: ((after.cpuSeconds - before.cpuSeconds) / seconds) * 100,
      changesPerSecond: (changesIn(deltasAfter) - changesIn(deltasBefore)) / seconds,
    };
  } finally {
    await agent.program.stop();
  }
}

/** Every account is fed, and every feed of it watches. */
function untilAllWatch(agent: AgentProgram): Promise<void> {
  return until('every feed watches', async () => {
    const samples = await agent.metrics();
    const feeds = sumOf(samples, 'fairlead_agent_feeds');
    const watching = sumOf(samples, 'fairlead_agent_feeds', { state: 'watching' });
    const feeding = sumOf(samples, 'fairlead_agent_accounts', { state: 'feeding' });
    // Kinds are discovered after an account is fed: each has more than one feed then.
    return feeding === clusters && feeds > clusters * 2 && watching === feeds;
  });
}

/** Changes never stop; between two of them what was served is what was handed on. */
function untilExact(
  server: ClusterServer,
  bridge: AskedProcess,
  agent: AgentProgram,
): Promise<void> {
  return until('what was handed on is what was served', async () => {
    const totals = await totalsOf(bridge);
    const served = await server.served(fleetName);
    const coalesced = sumOf(await agent.metrics(), 'fairlead_agent_deltas_coalesced_total');
    const probes = served.objectsServed - totals.initApplied;
    const isListExact = probes >= 0 && probes <= mostProbesPerFeed * totals.initDone;
    return isListExact && changesIn(totals) + coalesced === served.eventsServed;
  });
}

function changesIn({ applied, deleted }: DeltaTotals): number {
  return applied + deleted;
}

async function totalsOf(bridge: AskedProcess): Promise<DeltaTotals> {
  return (await bridge.ask('totals')) as DeltaTotals;
}

async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  for (;;) {
    try {
      if (await ask()) return;
      lastError = undefined;
    } catch (error: unknown) {
      // A busy agent may not answer in time; it is asked again.
      lastError = error;
    }
    if (performance.now() > deadline) throw notInTime(what, lastError);
    await pause(pollMs);
  }
}

function notInTime(what: string, lastError: unknown): Error {
  const message = `not within ${String(timeoutMs)} ms: ${what}`;
  if (lastError === undefined) return new Error(message);
  const reason = lastError instanceof Error ? lastError.message : 'it threw no Error';
  return new Error(`${message}; the last look failed: ${reason}`, { cause: lastError });
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
