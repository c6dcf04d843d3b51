import { describe, expect, it } from '@jest/globals';
import { DeadLetterCounts } from './dead-letter-counts.ts';
import { FakeClock } from '../tests/fake-clock.ts';

const one = new Map([['refused', 1]]);
const two = new Map([['refused', 2]]);

describe(DeadLetterCounts, () => {
  it('gives what the database says', async () => {
    const deadLetters = { countByReason: () => Promise.resolve(one) };

    expect(await new DeadLetterCounts({ deadLetters, clock: new FakeClock() }).byReason()).toBe(
      one,
    );
  });

  it('gives the last count while the database is silent, and asks it once', async () => {
    const clock = new FakeClock();
    const late = Promise.withResolvers<typeof two>();
    let asked = 0;
    const answers = [Promise.resolve(one), late.promise];
    const countByReason = () => answers[asked++] ?? Promise.reject(new Error('asked again'));
    const counts = new DeadLetterCounts({ deadLetters: { countByReason }, clock });
    await counts.byReason();

    const scrapes = [counts.byReason(), counts.byReason()];
    await clock.advance(1000);

    expect(await Promise.all(scrapes)).toEqual([one, one]);
    expect(asked).toBe(2);
    late.resolve(two);
    expect(await counts.byReason()).toBe(two);
  });

  it('keeps the last count when the database fails', async () => {
    const answers = [Promise.resolve(one), Promise.reject(new Error('away'))];
    const countByReason = () => answers.shift() ?? Promise.resolve(two);
    const deadLetters = { countByReason };
    const counts = new DeadLetterCounts({ deadLetters, clock: new FakeClock() });
    await counts.byReason();

    expect(await counts.byReason()).toBe(one);
    expect(await counts.byReason()).toBe(two);
  });
});
