import { beyond, usageBetween } from './usage-window.ts';

describe(usageBetween, () => {
  it('is what was added', () => {
    const before = { atMs: 100, cpuSeconds: 2, bytes: 10 };
    const after = { atMs: 160, cpuSeconds: 5, bytes: 50 };

    expect(usageBetween(before, after)).toEqual({ atMs: 60, cpuSeconds: 3, bytes: 40 });
  });
});

describe(beyond, () => {
  const usual = { atMs: 1_000, cpuSeconds: 4, bytes: 100 };

  it('takes off what so much time usually uses', () => {
    const window = { atMs: 500, cpuSeconds: 7, bytes: 80 };

    expect(beyond(window, usual)).toEqual({ atMs: 500, cpuSeconds: 5, bytes: 30 });
  });

  it('is not less than nothing', () => {
    const window = { atMs: 500, cpuSeconds: 1, bytes: 49 };

    expect(beyond(window, usual)).toEqual({ atMs: 500, cpuSeconds: 0, bytes: 0 });
  });
});
