import { createManualClock, nextUid, seededRandom } from './clock.ts';

describe(seededRandom, () => {
  const take = (seed: number | string): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 100 }, () => random.next());
  };

  it('repeats itself for the same seed and differs for another', () => {
    expect(take('a')).toEqual(take('a'));
    expect(take('a')).not.toEqual(take('b'));
    expect(take(1)).not.toEqual(take(2));
  });

  it('stays in [0, 1) and is spread over it', () => {
    const numbers = take(7);

    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(Math.max(...numbers)).toBeGreaterThan(0.9);
    expect(Math.min(...numbers)).toBeLessThan(0.1);
  });
});

describe(nextUid, () => {
  it('looks like a uid and is another one each time', () => {
    const random = seededRandom(1);
    const uids = new Set(Array.from({ length: 1000 }, () => nextUid(random)));

    expect(uids.size).toBe(1000);
    for (const uid of uids)
      expect(uid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe(createManualClock, () => {
  it('wakes sleepers in the order of their time', async () => {
    const clock = createManualClock(0);
    const { signal } = new AbortController();
    const woken: [string, number][] = [];
    for (const [name, ms] of [
      ['late', 50],
      ['early', 10],
    ] as const) {
      void clock.sleep(ms, signal).then(() => woken.push([name, clock.nowMs()]));
    }

    await clock.advance(100);

    expect(woken).toEqual([
      ['early', 10],
      ['late', 50],
    ]);
    expect(clock.nowMs()).toBe(100);
  });

  it('wakes who is told to stop', async () => {
    const clock = createManualClock(0);
    const stopping = new AbortController();
    const sleeping = clock.sleep(1000, stopping.signal);

    stopping.abort();

    await expect(sleeping).resolves.toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });
});
