/**
 * `bench bridge`: a bridge over PostgreSQL that is stopped, killed and started again with 50,000
 * objects, and one that takes 10,000 changes a second.
 */
import { openBenchDatabase } from '../bench/bench-ground.ts';
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureOf } from '../bench/bench-report.ts';
import { untilSynced } from '../bench/until-synced.ts';
import { startClusterServer } from '../watch-bench/cluster-server.ts';
import { startProxied } from './proxied-installation.ts';
import { type ResumeRun, runResume } from './resume-run.ts';
import { busyShape, runSustained, type SustainedRun } from './sustained-run.ts';

/** Names of the fleets, and of the accounts on them. */
const quiet = 'quiet';
const busy = 'busy';
/** 50,000 in all: every kind and relation that there is, and mostly Pods of 3.2 KB. */
const quietShape = { objectsPerCluster: 2_000, podsPerCluster: 48_000 };

interface BridgeRun {
  readonly stopped: ResumeRun;
  readonly killed: ResumeRun;
  readonly sustained: SustainedRun;
  /** The largest of all its processes. */
  readonly peakMiB: number;
}

/** Measures all of it, by turns. */
export async function benchBridge({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  const results: BridgeRun[] = [];
  for (let run = 0; run < runs; run += 1) {
    const { stopped, killed, resumePeakMiB } = await runRestarts();
    progress(`run ${String(run + 1)}: stopped: ${JSON.stringify(stopped)}`);
    progress(`run ${String(run + 1)}: killed: ${JSON.stringify(killed)}`);
    const { sustained, sustainedPeakMiB } = await runChanges();
    progress(`run ${String(run + 1)}: changes: ${JSON.stringify(sustained)}`);
    const peakMiB = Math.max(resumePeakMiB, sustainedPeakMiB);
    results.push({ stopped, killed, sustained, peakMiB });
  }
  return measuresOf(results);
}

async function runRestarts() {
  await using server = await startClusterServer({ [quiet]: quietShape });
  await using database = await openBenchDatabase('postgres');
  await using installation = await startProxied({ database, fleet: server.fleet(quiet) });
  await untilSynced(installation.bridge.url, quiet);
  const peaks = [await installation.bridgePeakMiB()];
  const restart = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<ResumeRun> => {
    const result = await runResume(installation, { account: quiet, signal });
    peaks.push(await installation.bridgePeakMiB());
    return result;
  };
  const stopped = await restart('SIGTERM');
  const killed = await restart('SIGKILL');
  return { stopped, killed, resumePeakMiB: Math.max(...peaks) };
}

async function runChanges() {
  await using server = await startClusterServer({ [busy]: busyShape });
  await using database = await openBenchDatabase('postgres');
  await using installation = await startProxied({ database, fleet: server.fleet(busy) });
  const sustained = await runSustained(installation, { server, account: busy });
  return { sustained, sustainedPeakMiB: await installation.bridgePeakMiB() };
}

function measuresOf(runs: readonly BridgeRun[]): readonly Measure[] {
  const of = (pick: (run: BridgeRun) => number, facts: Parameters<typeof measureOf>[1]): Measure =>
    measureOf(runs.map(pick), facts);
  return [
    ...resumeMeasures('stopped', runs),
    ...resumeMeasures('killed', runs),
    of(({ sustained }) => sustained.committedPerSecond, {
      name: 'changes: committed',
      unit: '1/s',
      target: '>= 10000',
    }),
    of(({ sustained }) => sustained.madePerSecond, { name: 'changes: made', unit: '1/s' }),
    of(({ sustained }) => sustained.coalescedPerSecond, {
      name: 'changes: replaced by newer ones before they were sent',
      unit: '1/s',
    }),
    of(({ sustained }) => sustained.growthMs, {
      name: 'changes: further behind after 20 s',
      unit: 'ms',
      target: '< 100',
    }),
    of(({ sustained }) => sustained.bridgeLagAtStartMs, {
      name: 'changes: lag in the bridge at the beginning',
      unit: 'ms',
    }),
    of(({ sustained }) => sustained.bridgeLagAtEndMs, {
      name: 'changes: lag in the bridge at the end',
      unit: 'ms',
    }),
    of(({ peakMiB }) => peakMiB, {
      name: 'peak RSS of the bridge over all that',
      unit: 'MiB',
      target: '< 250',
    }),
  ];
}

function resumeMeasures(end: 'stopped' | 'killed', runs: readonly BridgeRun[]): readonly Measure[] {
  const of = (pick: (run: ResumeRun) => number, facts: Parameters<typeof measureOf>[1]): Measure =>
    measureOf(
      runs.map((run) => pick(run[end])),
      { ...facts, name: `resume, ${end}: ${facts.name}` },
    );
  return [
    of((run) => run.seconds, { name: 'until in sync', unit: 's', target: '< 1' }),
    of((run) => run.secondsFromStart, { name: 'from the start of the process', unit: 's' }),
    of((run) => run.rowsWritten, { name: 'rows written', unit: 'rows', target: '<= 0' }),
    of((run) => run.rowsUnchanged, { name: 'rows that came again', unit: 'rows' }),
    of((run) => run.linkBytes, { name: 'on the link', unit: 'bytes', target: '< 65536' }),
  ];
}
