/** `bench memory`: peak RSS of the agent by the number of objects in the cluster. */
import { type BenchOptions } from '../bench/bench-options.ts';
import { type Measure, measureAgainst, measureOf } from '../bench/bench-report.ts';
import { agentContestant } from './agent-contestant.ts';
import { startClusterServer } from './cluster-server.ts';
import { runWatch, warmUpFleet, warmUpSize } from './watch-run.ts';

const small = { fleet: 'small', objects: 10_000 };
const large = { fleet: 'large', objects: 500_000 };
/** As many for both. */
const events = 20_000;

/** Measures both sizes by turns. */
export async function benchMemory({ runs, progress }: BenchOptions): Promise<readonly Measure[]> {
  await using server = await startClusterServer({
    [warmUpFleet]: { podsPerCluster: warmUpSize.objects },
    [small.fleet]: { podsPerCluster: small.objects },
    [large.fleet]: { podsPerCluster: large.objects },
  });
  const agent = agentContestant('agent with link');
  const peaks = new Map<string, number[]>();
  for (let run = 0; run < runs; run += 1) {
    for (const { fleet, objects } of [small, large]) {
      const { peakRssMiB } = await runWatch(agent, server, { objects, events }, fleet);
      peaks.set(fleet, [...(peaks.get(fleet) ?? []), peakRssMiB]);
      progress(`run ${String(run + 1)}: ${String(objects)} objects: ${peakRssMiB.toFixed(0)} MiB`);
    }
  }
  const of = ({ fleet, objects }: typeof small): Measure =>
    measureOf(peaks.get(fleet) ?? [], {
      name: `agent with link: peak RSS with ${objects.toLocaleString('en')} objects`,
      unit: 'MiB',
    });
  const [few, many] = [of(small), of(large)];
  return [
    few,
    // Not more than 15 % above: the ratio is that of the small cluster to the large one.
    measureAgainst(
      { ...many, target: `ratio >= ${(1 / 1.15).toFixed(2)}` },
      { peer: few.name.replace('agent with link: peak RSS ', ''), peerValue: few.value },
    ),
  ];
}
