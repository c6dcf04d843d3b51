import { formatLiveStatus, sumOfMetric } from './live-status.ts';

const status = { accounts: 3, synced: 2, objects: 1500, committed: 1000, lagMs: 7 };

describe(formatLiveStatus, () => {
  it('shows accounts, objects, the rate since the last look, and the lag', () => {
    const line = formatLiveStatus({ ...status, committed: 1060 }, status, 2);

    expect(line).toBe('accounts 2/3 synced   objects 1500   events/s 30   lag 7 ms');
  });

  it('shows no rate at the first look', () => {
    expect(formatLiveStatus(status, undefined, 2)).toContain('events/s 0');
  });
});

describe(sumOfMetric, () => {
  it('adds up a metric over its labels and nothing else', () => {
    const text = '# TYPE a counter\na{x="1"} 2\na{x="2"} 3\na_total 50\nab 70\n';

    expect(sumOfMetric(text, 'a')).toBe(5);
  });
});
