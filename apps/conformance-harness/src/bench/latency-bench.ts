/** `bench latency`: from the agent's read of a change to its commit, at a steady rate of changes. */
import { sumOf } from '../installation/prometheus-text.ts';
import { openBenchDatabase, startClusters, startInstallation } from './bench-ground.ts';
import { type Measure, measureOf } from './bench-report.ts';
import { type BenchOptions } from './bench-options.ts';
import { quantileBetween } from './histogram-quantile.ts';
import { untilSynced } from './until-synced.ts';

const objects = 5_000;
const changesPerSecond = 500;
const warmUpMs = 5_000;
const measuredMs = 20_000;
const histogram = 'fairlead_bridge_delta_latency_seconds';

interface LatencyRun {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly changesPerSecond: number;
}

/** Measures p50 and p99 at 500 changes a second, into PostgreSQL and embedded. */
export async function benchLatency({ runs: count }: BenchOptions): Promise<readonly Measure[]> {
  await using clusters = await startClusters({ clusters: 1, objects, churn: changesPerSecond });
  const measures: Measure[] = [];
  for (const database of ['postgres', 'embedded'] as const) {
    const runs: LatencyRun[] = [];
    for (let run = 0; run < count; run += 1) runs.push(await runOnce(database, clusters));
    measures.push(
      of(
        database,
        runs.map((run) => run.p50Ms),
        { name: 'read to commit p50', unit: 'ms' },
      ),
      of(
        database,
        runs.map((run) => run.p99Ms),
        { name: 'read to commit p99', unit: 'ms', target: '< 100' },
      ),
      of(
        database,
        runs.map((run) => run.changesPerSecond),
        { name: 'changes committed', unit: '1/s' },
      ),
    );
  }
  return measures;
}

function of(
  database: string,
  runs: readonly number[],
  facts: Parameters<typeof measureOf>[1],
): Measure {
  return measureOf(runs, { ...facts, name: `${database}: ${facts.name}` });
}

async function runOnce(
  kind: 'postgres' | 'embedded',
  clusters: Awaited<ReturnType<typeof startClusters>>,
): Promise<LatencyRun> {
  await using database = await openBenchDatabase(kind);
  await using installation = await startInstallation({
    database,
    clusters,
    context: 'sim-1',
    kinds: ['*'],
  });
  const { bridge } = installation;
  await untilSynced(bridge.url, 'bench');
  await pause(warmUpMs);
  const before = await bridge.metrics();
  await pause(measuredMs);
  const after = await bridge.metrics();
  const committed =
    sumOf(after, 'fairlead_bridge_deltas_committed_total') -
    sumOf(before, 'fairlead_bridge_deltas_committed_total');
  const quantileMs = (quantile: number) =>
    quantileBetween(before, after, { name: histogram, quantile }) * 1_000;
  return {
    p50Ms: quantileMs(0.5),
    p99Ms: quantileMs(0.99),
    changesPerSecond: committed / (measuredMs / 1_000),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
