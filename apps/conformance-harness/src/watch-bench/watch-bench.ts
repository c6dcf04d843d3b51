/**
 * `bench watch`: a list of Pods and a storm of changes through Fairlead and through
 * `@kubernetes/client-node`, side by side: by turns, on one server, in one run.
 */
import { type BenchOptions } from '../bench/benches.ts';
import { type Measure, measureAgainst, measureOf, median } from '../bench/bench-report.ts';
import { agentContestant } from './agent-contestant.ts';
import { startClusterServer } from './cluster-server.ts';
import { type ContestantKind, processContestant } from './contestant.ts';
import {
  measuredContext,
  runWatch,
  warmUpContext,
  warmUpSize,
  type WatchRunResult,
  type WatchRunSize,
} from './watch-run.ts';

const size: WatchRunSize = { objects: 50_000, events: 100_000 };

const informer = 'client-node informer';
const paged = 'client-node paged list + Watch';
const feeds = 'feeds without link';
const agent = 'agent with link';
const withoutBytes = ', objects only';

const contestants: readonly ContestantKind[] = [
  processContestant(informer, { main: 'informer-main', output: 'bytes' }),
  processContestant(informer + withoutBytes, { main: 'informer-main', output: 'objects' }),
  processContestant(paged, { main: 'paged-watch-main', output: 'bytes' }),
  processContestant(paged + withoutBytes, { main: 'paged-watch-main', output: 'objects' }),
  processContestant(feeds, { main: 'feeds-main', output: 'bytes' }),
  agentContestant(agent, { contexts: [warmUpContext, measuredContext] }),
];

type Runs = ReadonlyMap<string, readonly WatchRunResult[]>;

/** Measures CPU per object and per event and peak RSS of every contestant. */
export async function benchWatch({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  await using server = await startClusterServer({ pods: [warmUpSize.objects, size.objects] });
  const results = new Map<string, WatchRunResult[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const contestant of contestants) {
      const result = await runWatch(contestant, server, size);
      results.set(contestant.name, [...(results.get(contestant.name) ?? []), result]);
      progress(`run ${String(run + 1)}: ${contestant.name}: ${describe(result)}`);
    }
  }
  return [...ratios(results), ...peers(results)];
}

function ratios(results: Runs): readonly Measure[] {
  const list = { name: 'CPU per object of the list', unit: 'us', of: pickList };
  const event = { name: 'CPU per watch event', unit: 'us', of: pickEvent };
  const rss = { name: 'peak RSS', unit: 'MiB', of: pickRss };
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

/** The figures behind the ratios, of everybody. */
function peers(results: Runs): readonly Measure[] {
  return [informer, informer + withoutBytes, paged, paged + withoutBytes].flatMap((name) => [
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
