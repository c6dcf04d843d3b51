import { lagGrowth, type LagSample } from './lag-growth.ts';

describe(lagGrowth, () => {
  /** A second between two looks, 1,000 changes in each, of which `behind` are not yet committed. */
  const looks = (behind: readonly number[]): readonly LagSample[] =>
    behind.map((changes, index) => ({
      atMs: 500 + index * 1_000,
      due: 7_000 + index * 1_000,
      committed: 7_000 + index * 1_000 - changes,
      bridgeLagMs: index,
    }));

  it('is nothing where as much is on its way at the end as at the beginning', () => {
    const growth = lagGrowth(looks([30, 50, 10, 90, 30, 50, 50, 30]));

    expect(growth).toMatchObject({ growthMs: 0, committedPerSecond: 1_000 });
  });

  it('tells how much later changes are at the end', () => {
    const growth = lagGrowth(looks([0, 100, 200, 300, 400, 500, 600, 700]));

    expect(growth.growthMs).toBeCloseTo(600);
    expect(growth.committedPerSecond).toBeCloseTo(900);
  });

  it('takes the lag that the bridge tells from the first and the last quarter', () => {
    const growth = lagGrowth(looks([0, 0, 0, 0, 0, 0, 0, 0]));

    expect(growth).toMatchObject({ bridgeLagAtStartMs: 0.5, bridgeLagAtEndMs: 6.5 });
  });

  it('refuses to judge by a single look', () => {
    expect(() => lagGrowth(looks([1]))).toThrow(RangeError);
  });
});
