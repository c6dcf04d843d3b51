/**
 * `bench watch`: a list of Pods and a storm of changes through Fairlead and through
 * `@kubernetes/client-node`, side by side: by turns, on one server, in one run. Then memory by the
 * size of the cluster, and the scanner alone.
 */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureAgainst, measureOf, median } from '../bench/bench-report.ts';
import { agentContestant } from './agent-contestant.ts';
import { checkBridgeCounts } from './bridge-counts.ts';
import { startClusterServer } from './cluster-server.ts';
import { type ContestantKind, processContestant } from './contestant.ts';
import { benchMemory } from './memory-bench.ts';
import { benchScanner } from './scanner-bench.ts';
import {
  measuredFleet,
  runWatch,
  warmUpFleet,
  warmUpSize,
  type WatchRunResult,
  type WatchRunSize,
} from './watch-run.ts';

/** Of the run that everybody makes. */
export const watchSize: WatchRunSize = { objects: 50_000, events: 100_000 };

const informer = 'client-node informer';
const paged = 'client-node paged list + Watch';
const feeds = 'feeds without link';
const agent = 'agent with link';
const objectsOnly = ', objects only';

const contestants: readonly ContestantKind[] = [
  processContestant(informer, { main: 'informer-main' }),
  processContestant(paged, { main: 'paged-watch-main' }),
  processContestant(feeds, { main: 'feeds-main' }),
  agentContestant(agent),
];

/** What JavaScript's clients cost whoever needs no bytes; taken every other run, being no target. */
const sideContestants: readonly ContestantKind[] = [
  processContestant(informer + objectsOnly, { main: 'informer-main', output: 'objects' }),
  processContestant(paged + objectsOnly, { main: 'paged-watch-main', output: 'objects' }),
];

type Runs = ReadonlyMap<string, readonly WatchRunResult[]>;

/** The whole table. */
export async function benchWatch(options: BenchOptions): Promise<readonly Measure[]> {
  const results = await runContestants(options);
  await checkBridgeCounts(watchSize, options);
  const memory = await benchMemory(options);
  const scanner = await benchScanner(options);
  return [...ratios(results), ...memory, ...scanner, ...peers(results)];
}

async function runContestants({ runs, progress }: BenchOptions): Promise<Runs> {
  await using server = await startClusterServer({
    [warmUpFleet]: { podsPerCluster: warmUpSize.objects },
    [measuredFleet]: { podsPerCluster: watchSize.objects },
  });
  const results = new Map<string, WatchRunResult[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const contestant of [...contestants, ...(run % 2 === 0 ? sideContestants : [])]) {
      const result = await runWatch(contestant, server, watchSize);
      results.set(contestant.name, [...(results.get(contestant.name) ?? []), result]);
      progress(`run ${String(run + 1)}: ${contestant.name}: ${describe(result)}`);
    }
  }
  return results;
}

function ratios(results: Runs): readonly Measure[] {
  const list = { name: 'CPU per object of the list', unit: 'us', of: pickList };
  const event = { name: 'CPU per watch event', unit: 'us', of: pickEvent };
  const rss = { name: "peak RSS of the run beside the informer's", unit: 'MiB', of: pickRss };
  return [
    against(results, feeds, { ...list, peer: paged, target: 'ratio >= 10' }),
    against(results, agent, { ...list, peer: paged, target: 'ratio >= 6' }),
    against(results, feeds, { ...event, peer: paged, target: 'ratio >= 8' }),
    against(results, agent, { ...event, peer: paged, target: 'ratio >= 4' }),
    against(results, agent, { ...rss, peer: informer, target: 'ratio >= 10' }),
    measureOf(runsOf(results, agent, pickRss), {
      name: `${agent}: peak RSS of the run`,
      unit: 'MiB',
      target: '< 130',
    }),
    against(results, feeds, { ...rss, peer: informer, target: 'ratio >= 10' }),
  ];
}

/** The figures behind the ratios, of everybody else. */
function peers(results: Runs): readonly Measure[] {
  return [informer, paged, ...sideContestants.map(({ name }) => name)].flatMap((name) => [
    measureOf(runsOf(results, name, pickList), { name: `${name}: list`, unit: 'us/object' }),
    measureOf(runsOf(results, name, pickEvent), { name: `${name}: watch`, unit: 'us/event' }),
    measureOf(runsOf(results, name, pickRss), { name: `${name}: peak RSS`, unit: 'MiB' }),
  ]);
}

function against(
  results: Runs,
  name: string,
  facts: {
    readonly name: string;
    readonly unit: string;
    readonly peer: string;
    readonly target: string;
    readonly of: (result: WatchRunResult) => number;
  },
): Measure {
  const { peer, target, unit, of } = facts;
  const peerValue = median(runsOf(results, peer, of));
  const measure = measureOf(runsOf(results, name, of), {
    name: `${name}: ${facts.name}`,
    unit,
    target,
  });
  return measureAgainst(measure, { peer, peerValue });
}

function runsOf(
  results: Runs,
  name: string,
  of: (result: WatchRunResult) => number,
): readonly number[] {
  return (results.get(name) ?? []).map(of);
}

const pickList = (result: WatchRunResult): number => result.listMicrosPerObject;
const pickEvent = (result: WatchRunResult): number => result.eventMicrosPerEvent;
const pickRss = (result: WatchRunResult): number => result.peakRssMiB;

function describe(result: WatchRunResult): string {
  const { listMicrosPerObject, eventMicrosPerEvent, peakRssMiB } = result;
  const list = `${listMicrosPerObject.toFixed(1)} us/object`;
  const event = `${eventMicrosPerEvent.toFixed(1)} us/event`;
  return `${list}, ${event}, ${peakRssMiB.toFixed(0)} MiB`;
}
