/** `bench sync`: the initial sync of one simulated cluster through both programs. */
import { sumOf } from '../installation/prometheus-text.ts';
import { openBenchDatabase, startClusters, startInstallation } from './bench-ground.ts';
import { type Measure, measureOf } from './bench-report.ts';
import { type BenchOptions } from './bench-options.ts';
import { readProcessUsage } from './process-usage.ts';
import { untilSynced } from './until-synced.ts';

const objects = 20_000;
const mebibyte = 2 ** 20;

interface SyncRun {
  readonly objectsPerSecond: number;
  readonly agentMiB: number;
  readonly bridgeMiB: number;
  readonly agentMicrosPerObject: number;
  readonly bridgeMicrosPerObject: number;
}

/** Measures objects/s and peak RSS of each process, into PostgreSQL and embedded. */
export async function benchSync({ runs: count }: BenchOptions): Promise<readonly Measure[]> {
  await using clusters = await startClusters({ clusters: 1, objects, churn: 0 });
  const measures: Measure[] = [];
  for (const database of ['postgres', 'embedded'] as const) {
    const runs: SyncRun[] = [];
    for (let run = 0; run < count; run += 1) runs.push(await runOnce(database, clusters));
    measures.push(...measuresOf(database, runs));
  }
  return measures;
}

async function runOnce(
  kind: 'postgres' | 'embedded',
  clusters: Awaited<ReturnType<typeof startClusters>>,
): Promise<SyncRun> {
  await using database = await openBenchDatabase(kind);
  await using installation = await startInstallation({
    database,
    clusters,
    context: 'sim-1',
    kinds: ['*'],
  });
  const { bridge, agent } = installation;
  const { seconds } = await untilSynced(bridge.url, 'bench');
  const committed = sumOf(await bridge.metrics(), 'fairlead_bridge_deltas_committed_total');
  const [agentUsage, bridgeUsage] = await Promise.all(
    [agent, bridge].map(({ program }) => readProcessUsage(program.pid ?? 0)),
  );
  if (agentUsage === undefined || bridgeUsage === undefined) throw new Error('a program is gone');
  return {
    objectsPerSecond: committed / seconds,
    agentMiB: agentUsage.peakRssBytes / mebibyte,
    bridgeMiB: bridgeUsage.peakRssBytes / mebibyte,
    agentMicrosPerObject: (agentUsage.cpuSeconds * 1e6) / committed,
    bridgeMicrosPerObject: (bridgeUsage.cpuSeconds * 1e6) / committed,
  };
}

function measuresOf(database: string, runs: readonly SyncRun[]): readonly Measure[] {
  const of = (pick: (run: SyncRun) => number, facts: Parameters<typeof measureOf>[1]) =>
    measureOf(runs.map(pick), { ...facts, name: `${database}: ${facts.name}` });
  const target = database === 'postgres' ? { target: '>= 5000' } : {};
  return [
    of((run) => run.objectsPerSecond, { name: 'initial sync', unit: 'objects/s', ...target }),
    of((run) => run.agentMiB, { name: 'peak RSS of the agent', unit: 'MiB', target: '< 200' }),
    of((run) => run.bridgeMiB, { name: 'peak RSS of the bridge', unit: 'MiB' }),
    of((run) => run.agentMicrosPerObject, {
      name: 'CPU of the agent with its start',
      unit: 'us/object',
    }),
    of((run) => run.bridgeMicrosPerObject, {
      name: 'CPU of the bridge with its start',
      unit: 'us/object',
    }),
  ];
}
