import { describe, expect, it } from '@jest/globals';
import { settled } from '../tests/fake-clock.ts';
import { Permits } from './permits.ts';

describe(Permits, () => {
  it('lets so many work at once, the others in the order they came', async () => {
    const permits = new Permits(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const all = [1, 2, 3, 4].map((each) =>
      permits.with(() => {
        begun.push(each);
        return new Promise<void>((resolve) => ends.push(resolve));
      }),
    );
    await settled();
    expect(begun).toEqual([1, 2]);

    ends.shift()?.();
    await settled();
    expect(begun).toEqual([1, 2, 3]);
    while (ends.length > 0) {
      ends.shift()?.();
      await settled();
    }

    await Promise.all(all);
    expect(begun).toEqual([1, 2, 3, 4]);
  });

  it('lets changes go before snapshots that came earlier, but not for ever', async () => {
    const permits = new Permits(1);
    const begun: string[] = [];
    let end: () => void = () => undefined;
    const begin = (name: string) => () => {
      begun.push(name);
      return new Promise<void>((resolve) => (end = resolve));
    };
    const all = [permits.with(begin('first'))];
    for (let index = 0; index < 50; index += 1) all.push(permits.with(begin('snapshot'), 'bulk'));
    for (let index = 0; index < 20; index += 1) all.push(permits.with(begin('change'), 'live'));

    while (begun.length < all.length) {
      end();
      await settled();
    }
    end();
    await Promise.all(all);

    expect(begun.slice(1, 9)).toEqual(Array.from({ length: 8 }, () => 'change'));
    expect(begun.slice(9, 11)).toEqual(['snapshot', 'change']);
    expect(begun.lastIndexOf('change')).toBeLessThan(25);
  });

  it('gives the permit back when the work fails', async () => {
    const permits = new Permits(1);

    await expect(permits.with(() => Promise.reject(new Error('no')))).rejects.toThrow('no');

    expect(await permits.with(() => Promise.resolve('next'))).toBe('next');
  });

  it('gives as many more as are free, and nobody waits for them', async () => {
    const permits = new Permits(4);
    const counts: number[] = [];
    const tell = (count: number) => Promise.resolve(counts.push(count));

    await permits.with(async () => {
      await permits.withFree(2, tell);
      await permits.withFree(9, async (count) => {
        await tell(count);
        await permits.withFree(1, tell);
      });
    });
    await permits.withFree(9, tell);

    expect(counts).toEqual([2, 3, 0, 4]);
  });

  it('hands one that was taken as free on to who waits', async () => {
    const permits = new Permits(2);
    const begun: string[] = [];
    let end: () => void = () => undefined;
    const free = permits.withFree(2, () => new Promise<void>((resolve) => (end = resolve)));
    const waiting = permits.with(() => Promise.resolve(begun.push('waiting')));
    await settled();
    expect(begun).toEqual([]);

    end();
    await Promise.all([free, waiting]);

    expect(begun).toEqual(['waiting']);
  });
});
