import {
  cyclesAnHour,
  type FedRun,
  type PolledRun,
  polledVisibleMs,
  pollingMeasures,
} from './polling-report.ts';

const polled: PolledRun = {
  kinds: 'all kinds',
  cycleSeconds: 12,
  cpuSeconds: 5,
  commandSeconds: 0.5,
  bytes: 1e6,
  uncompressedBytes: 30e6,
};
const fed: FedRun = {
  changesPerSecond: 10,
  cpuSecondsAnHour: 20,
  bytesAnHour: 60e6,
  visibleMs: 31,
};

describe(cyclesAnHour, () => {
  it('begins one each half minute', () => {
    expect(cyclesAnHour(12)).toBe(120);
  });

  it('begins the next after one that took longer', () => {
    expect(cyclesAnHour(60)).toBe(60);
  });
});

describe(polledVisibleMs, () => {
  it('is half the interval and the answer', () => {
    expect(polledVisibleMs(polled)).toBe(15_500);
  });
});

describe(pollingMeasures, () => {
  it('compares hours', () => {
    const measures = pollingMeasures([{ polled: [polled], fed: [fed] }]);

    expect(measures.map(({ value, peerValue, ratio }) => [value, peerValue, ratio])).toEqual([
      [20, 600, 30],
      [60, 3_600, 60],
      [60, 120, 2],
      [31, 15_500, 500],
    ]);
  });

  it('takes medians of the runs on both sides', () => {
    const runs = [20, 40, 90].map((cpuSecondsAnHour, index) => ({
      polled: [{ ...polled, cpuSeconds: 10 - index }],
      fed: [{ ...fed, cpuSecondsAnHour }],
    }));

    const [cpu] = pollingMeasures(runs);

    expect(cpu).toMatchObject({ value: 40, peerValue: 1_080, runs: [20, 40, 90] });
  });

  it('compares each set of kinds with each rate of changes', () => {
    const others = { polled: [polled, { ...polled, kinds: 'default kinds' }], fed: [fed, fed] };

    expect(pollingMeasures([others])).toHaveLength(16);
  });
});
