/**
 * How late the event loop is, under the names that prom-client gives it, for less: its own measure
 * wakes the process each 10 ms, which was two thirds of what a program at rest took of a CPU.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';

/**
 * Between two looks, in ms: each costs some 30 us of CPU. What blocks the loop for longer is always
 * seen, and what blocks it for half as long every second time.
 */
const lookMs = 250;

/** What prom-client is given as `eventLoopMonitoringPrecision`, so that it looks each 24 days. */
export const neverMs = 2 ** 31 - 1;

type Looks = ReturnType<typeof monitorEventLoopDelay>;

/** What the gauges tell of the looks since the last scrape. */
const readings: readonly {
  readonly name: string;
  readonly help: string;
  /** In nanoseconds. */
  readonly read: (looks: Looks) => number;
}[] = [
  { name: 'min', help: 'The least', read: (looks) => lateness(looks.min) },
  { name: 'max', help: 'The worst', read: (looks) => lateness(looks.max) },
  { name: 'mean', help: 'The mean', read: (looks) => lateness(looks.mean) },
  { name: 'stddev', help: 'The standard deviation', read: (looks) => looks.stddev },
  { name: 'p50', help: 'The 50th percentile', read: (looks) => lateness(looks.percentile(50)) },
  { name: 'p90', help: 'The 90th percentile', read: (looks) => lateness(looks.percentile(90)) },
  { name: 'p99', help: 'The 99th percentile', read: (looks) => lateness(looks.percentile(99)) },
];

/**
 * Takes the place of prom-client's `nodejs_eventloop_lag_*` in a registry that has them, but for
 * `nodejs_eventloop_lag_seconds`, which costs nothing but at a scrape. Before the first look all are 0.
 */
export function replaceEventLoopLag(
  registry: Registry,
  labels: Readonly<Record<string, string>>,
  monitor: typeof monitorEventLoopDelay = monitorEventLoopDelay,
): void {
  const looks = monitor({ resolution: lookMs });
  looks.enable();
  const labelNames = Object.keys(labels);
  const gauges = readings.map(({ name: what, help, read }, at) => {
    const name = `nodejs_eventloop_lag_${what}_seconds`;
    registry.removeSingleMetric(name);
    const options = {
      ...{ name, labelNames, registers: [registry] },
      help: `${help} of how late the event loop was since the last scrape.`,
    };
    // The first is asked before the others, and sets them all: what it read is then forgotten.
    const gauge = new Gauge(at > 0 ? options : { ...options, collect: () => set() });
    return { gauge, read };
  });
  function set(): void {
    const hasLooked = looks.count > 0;
    for (const { gauge, read } of gauges) gauge.set(labels, hasLooked ? read(looks) / 1e9 : 0);
    looks.reset();
  }
}

/** Of a look that came so long after the one before; the clock behind the due time has whole ms. */
function lateness(nanoseconds: number): number {
  return Math.max(0, nanoseconds - lookMs * 1e6);
}
