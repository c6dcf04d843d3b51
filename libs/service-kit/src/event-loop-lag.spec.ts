import { type monitorEventLoopDelay } from 'node:perf_hooks';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { neverMs, replaceEventLoopLag } from './event-loop-lag.ts';

const labels = { program: 'fairlead-test' };

/** Looks of these lengths, in ms, since the last reset. */
function looksOf(lengthsMs: number[]) {
  const sorted = () => lengthsMs.map((ms) => ms * 1e6).sort((a, b) => a - b);
  const resolutions: (number | undefined)[] = [];
  const histogram = {
    ...{ enable: () => true, disable: () => true },
    reset: () => void lengthsMs.splice(0),
    percentile: (share: number) => sorted()[Math.ceil((share / 100) * lengthsMs.length) - 1],
    stddev: 5e6,
    get count() {
      return lengthsMs.length;
    },
    get min() {
      return sorted()[0] ?? Infinity;
    },
    get max() {
      return sorted().at(-1) ?? 0;
    },
    get mean() {
      return sorted().reduce((sum, each) => sum + each, 0) / lengthsMs.length;
    },
  };
  const monitor = (options?: { readonly resolution?: number | undefined }) => {
    resolutions.push(options?.resolution);
    return histogram;
  };
  return { monitor: monitor as unknown as typeof monitorEventLoopDelay, resolutions };
}

function registryOver(monitor: typeof monitorEventLoopDelay): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, labels, eventLoopMonitoringPrecision: neverMs });
  replaceEventLoopLag(registry, labels, monitor);
  return registry;
}

async function lagOf(registry: Registry): Promise<Record<string, number>> {
  const lines = (await registry.metrics()).split('\n');
  const pattern = /^nodejs_eventloop_lag_(\w+)_seconds\{program="fairlead-test"\} (\S+)$/;
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = pattern.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(value)]];
    }),
  );
}

describe(replaceEventLoopLag, () => {
  it('tells how late the looks were, not how far apart', async () => {
    const { monitor } = looksOf([250, 251, 252, 450]);

    const lag = await lagOf(registryOver(monitor));

    expect(lag).toEqual({
      ...{ min: 0, max: 0.2, mean: 0.05075, stddev: 0.005 },
      ...{ p50: 0.001, p90: 0.2, p99: 0.2 },
    });
  });

  it('forgets at a scrape what it has told', async () => {
    const registry = registryOver(looksOf([250, 950]).monitor);
    const { max: before } = await lagOf(registry);

    const { max: after } = await lagOf(registry);

    expect([before, after]).toEqual([0.7, 0]);
  });

  it('takes a look that its clock has cut short for one in time', async () => {
    const { min } = await lagOf(registryOver(looksOf([249.6]).monitor));

    expect(min).toBe(0);
  });

  it('wakes the process four times a second', () => {
    const { monitor, resolutions } = looksOf([]);

    registryOver(monitor);

    expect(resolutions).toEqual([250]);
  });
});
