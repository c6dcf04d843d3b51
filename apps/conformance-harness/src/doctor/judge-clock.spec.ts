import { judgeClock, readingOfHeader } from './judge-clock.ts';

const nowMs = Date.parse('2026-01-02T03:04:05Z');
const judge = (theirsMs: number, tookMs = 0) =>
  judgeClock({ subject: 'bridge', theirsMs, askedMs: nowMs, answeredMs: nowMs + tookMs });

describe(judgeClock, () => {
  it.each([
    [0, 'ok', 'agrees'],
    [1_900, 'ok', 'agrees'],
    [-30_000, 'warn', '30 s behind'],
    [30_000, 'warn', '30 s ahead of'],
    [-600_000, 'fail', '10 min behind'],
  ])('%i ms off: %s', (offMs, verdict, words) => {
    expect(judge(nowMs + offMs)).toMatchObject({ verdict, what: expect.stringContaining(words) });
  });

  it('knows nothing of what happened while it waited', () => {
    expect(judge(nowMs + 8_000, 8_000).verdict).toBe('ok');
    expect(judge(nowMs, 8_000).verdict).toBe('ok');
  });
});

describe(readingOfHeader, () => {
  const times = { subject: 'bridge', askedMs: nowMs, answeredMs: nowMs };

  it('reads the header of HTTP', () => {
    const date = 'Fri, 02 Jan 2026 03:04:05 GMT';

    expect(readingOfHeader(date, times)?.theirsMs).toBe(nowMs);
  });

  it('is nothing where there is none', () => {
    expect(readingOfHeader(undefined, times)).toBeUndefined();
    expect(readingOfHeader('soon', times)).toBeUndefined();
  });
});
