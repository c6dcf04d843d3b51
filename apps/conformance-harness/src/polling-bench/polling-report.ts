/** What polling and feeding cost in an hour, side by side. Pure. */
import { type Measure, measureAgainst, measureOf, median } from '../bench/bench-report.ts';
import { pollIntervalSeconds } from './polling-commands.ts';

/** One measured cycle of polling. */
export interface PolledRun {
  /** Name of the set of kinds. */
  readonly kinds: string;
  readonly cycleSeconds: number;
  readonly cpuSeconds: number;
  /** From the start of a namespace's command to its end; median of the namespaces. */
  readonly commandSeconds: number;
  /** From the API server, compressed as it does it. */
  readonly bytes: number;
  /** The same from one that does not compress. */
  readonly uncompressedBytes: number;
}

/** An hour of agent and bridge: a window so many times, and one comparison with the cluster. */
export interface FedRun {
  readonly changesPerSecond: number;
  readonly cpuSecondsAnHour: number;
  /** From the API server. */
  readonly bytesAnHour: number;
  /** From before a write until it can be read from the bridge; median. */
  readonly visibleMs: number;
}

/** One run of both. */
export interface PollingRun {
  readonly polled: readonly PolledRun[];
  readonly fed: readonly FedRun[];
}

const target = 'ratio >= 20';

/** All measures: each set of kinds against each rate of changes. */
export function pollingMeasures(runs: readonly PollingRun[]): readonly Measure[] {
  const [first] = runs;
  if (first === undefined) return [];
  return first.polled.flatMap(({ kinds }, polledAt) =>
    first.fed.flatMap(({ changesPerSecond }, fedAt) => {
      const polled = runs.flatMap((run) => run.polled[polledAt] ?? []);
      const fed = runs.flatMap((run) => run.fed[fedAt] ?? []);
      return compare(`${kinds}, ${String(changesPerSecond)} changes/s`, polled, fed);
    }),
  );
}

/**
 * How many cycles there are in an hour: one each interval, or one after the other where a cycle
 * takes longer.
 */
export function cyclesAnHour(cycleSeconds: number): number {
  return 3_600 / Math.max(pollIntervalSeconds, cycleSeconds);
}

/**
 * From a change to its being known, in ms: it waits half an interval on average for its namespace to
 * be asked about, and then for the answer.
 */
export function polledVisibleMs({ cycleSeconds, commandSeconds }: PolledRun): number {
  return (1_800 / cyclesAnHour(cycleSeconds) + commandSeconds) * 1_000;
}

function compare(
  name: string,
  polled: readonly PolledRun[],
  fed: readonly FedRun[],
): readonly Measure[] {
  const against = (
    what: string,
    unit: string,
    pick: { readonly fed: (run: FedRun) => number; readonly polled: (run: PolledRun) => number },
  ): Measure =>
    measureAgainst(measureOf(fed.map(pick.fed), { name: `${name}: ${what}`, unit, target }), {
      peer: 'kubectl',
      peerValue: median(polled.map(pick.polled)),
    });
  const anHour = (run: PolledRun, each: number): number => each * cyclesAnHour(run.cycleSeconds);
  return [
    against('CPU', 's/hour', {
      fed: ({ cpuSecondsAnHour }) => cpuSecondsAnHour,
      polled: (run) => anHour(run, run.cpuSeconds),
    }),
    against('from the API server', 'MB/hour', {
      fed: ({ bytesAnHour }) => bytesAnHour / 1e6,
      polled: (run) => anHour(run, run.uncompressedBytes) / 1e6,
    }),
    against('from the API server, kubectl with gzip', 'MB/hour', {
      fed: ({ bytesAnHour }) => bytesAnHour / 1e6,
      polled: (run) => anHour(run, run.bytes) / 1e6,
    }),
    against('until a change is visible', 'ms', {
      fed: ({ visibleMs }) => visibleMs,
      polled: polledVisibleMs,
    }),
  ];
}
