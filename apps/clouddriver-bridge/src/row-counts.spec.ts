import { describe, expect, it } from '@jest/globals';
import { RowCounts } from './row-counts.ts';

function setUp(counted: () => Promise<ReadonlyMap<string, number>>) {
  let nowMs = 0;
  let questions = 0;
  const clock = { nowMs: () => nowMs };
  const counts = new RowCounts(() => {
    questions += 1;
    return counted();
  }, clock);
  return { counts, questions: () => questions, wait: (ms: number) => (nowMs += ms) };
}

describe(RowCounts, () => {
  it('counts objects and no logical rows', async () => {
    const rows = new Map([
      ['pod', 3],
      ['service', 2],
      ['applications', 9],
      ['clusters', 9],
    ]);
    const { counts } = setUp(() => Promise.resolve(rows));

    expect(await counts.total('prod')).toBe(5);
  });

  it('adds commits up and asks again only after minutes', async () => {
    const { counts, questions, wait } = setUp(() => Promise.resolve(new Map([['pod', 3]])));
    await counts.total('prod');

    counts.add('prod', 4);
    counts.add('prod', -1);
    expect(await counts.total('prod')).toBe(6);
    expect(questions()).toBe(1);
    wait(300_000);
    expect(await counts.total('prod')).toBe(3);
    expect(questions()).toBe(2);
  });

  it('counts anew what a commit had blurred, and no row twice', async () => {
    const answers = [Promise.withResolvers<ReadonlyMap<string, number>>()];
    const { counts, questions } = setUp(
      () => answers.at(-1)?.promise ?? Promise.reject(new Error('not asked')),
    );
    const total = counts.total('prod');
    counts.add('prod', 4);
    const [first] = answers;
    answers.push(Promise.withResolvers());
    // It has seen the commit already.
    first?.resolve(new Map([['pod', 7]]));
    answers[1]?.resolve(new Map([['pod', 7]]));

    expect(await total).toBe(7);
    counts.add('prod', 1);
    expect(await counts.total('prod')).toBe(8);
    expect(questions()).toBe(2);
  });

  it('asks again after the database did not answer', async () => {
    let isAway = true;
    const { counts } = setUp(() =>
      isAway ? Promise.reject(new Error('away')) : Promise.resolve(new Map([['pod', 1]])),
    );
    await expect(counts.total('prod')).rejects.toThrow('away');

    isAway = false;

    expect(await counts.total('prod')).toBe(1);
  });
});
