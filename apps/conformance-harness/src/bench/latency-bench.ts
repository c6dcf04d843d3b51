/** `bench latency`: from the agent's read of a change to its commit, at a steady rate of changes. */
import { sumOf } from '../installation/prometheus-text.ts';
import {
  type BenchClusters,
  type DatabaseKind,
  databaseKinds,
  openBenchDatabase,
  startClusters,
  startInstallation,
} from './bench-ground.ts';
import { type Measure, measureOf } from './bench-report.ts';
import { type BenchOptions } from './bench-options.ts';
import { quantileBetween } from './histogram-quantile.ts';
import { untilSynced } from './until-synced.ts';

const objects = 5_000;
const changesPerSecond = 1_000;
const warmUpMs = 5_000;
const measuredMs = 20_000;
const histogram = 'fairlead_bridge_delta_latency_seconds';
/**
 * Both clocks count whole milliseconds: a difference of k is k on average, and interpolation takes
 * it for anything between k - 1 and k.
 */
const roundingMs = 0.5;

interface LatencyRun {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly changesPerSecond: number;
}

/** Measures p50 and p99 at 1,000 changes a second, into each database. */
export async function benchLatency({
  runs: count,
  progress,
}: BenchOptions): Promise<readonly Measure[]> {
  await using clusters = await startClusters({ clusters: 1, objects, churn: changesPerSecond });
  const measures: Measure[] = [];
  for (const database of databaseKinds) {
    const runs: LatencyRun[] = [];
    for (let run = 0; run < count; run += 1) {
      const result = await runOnce(database, clusters);
      runs.push(result);
      progress(`${database}: run ${String(run + 1)}: ${JSON.stringify(result)}`);
    }
    measures.push(...measuresOf(database, runs));
  }
  return measures;
}

function measuresOf(database: DatabaseKind, runs: readonly LatencyRun[]): readonly Measure[] {
  const of = (pick: (run: LatencyRun) => number, facts: Parameters<typeof measureOf>[1]) =>
    measureOf(runs.map(pick), { ...facts, name: `${database}: ${facts.name}` });
  return [
    of((run) => run.p50Ms, { name: 'read to commit p50', unit: 'ms', target: '< 5' }),
    of((run) => run.p99Ms, { name: 'read to commit p99', unit: 'ms', target: '< 30' }),
    of((run) => run.changesPerSecond, { name: 'changes committed', unit: '1/s' }),
  ];
}

async function runOnce(kind: DatabaseKind, clusters: BenchClusters): Promise<LatencyRun> {
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
  const quantileMs = (quantile: number): number =>
    quantileBetween(before, after, { name: histogram, quantile }) * 1_000 + roundingMs;
  return {
    p50Ms: quantileMs(0.5),
    p99Ms: quantileMs(0.99),
    changesPerSecond: committed / (measuredMs / 1_000),
  };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
