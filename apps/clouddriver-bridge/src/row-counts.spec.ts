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

  it('knows without asking what was counted, and what was committed since', async () => {
    const { counts, questions, wait } = setUp(() => Promise.resolve(new Map([['pod', 3]])));

    expect(counts.known('prod')).toBeUndefined();
    expect(await counts.total('prod')).toBe(3);
    counts.add('prod', 4);
    expect(counts.known('prod')).toBe(7);
    expect(questions()).toBe(1);
    wait(300_000);
    expect(counts.known('prod')).toBe(7);
    expect(await counts.total('prod')).toBe(3);
    expect(questions()).toBe(2);
    expect(counts.known('prod')).toBe(3);
  });

  it('has what a commit had blurred counted anew in half a minute', async () => {
    const counting = Promise.withResolvers<ReadonlyMap<string, number>>();
    const { counts, questions, wait } = setUp(() => counting.promise);
    counts.known('prod');
    counts.add('prod', 4);
    counting.resolve(new Map([['pod', 3]]));
    await new Promise(setImmediate);

    wait(29_999);
    expect(counts.known('prod')).toBe(7);
    expect(questions()).toBe(1);
    wait(1);
    counts.known('prod');
    expect(questions()).toBe(2);
  });

  it('has accounts counted one after the other, and goes on after one that failed', async () => {
    const asked: PromiseWithResolvers<ReadonlyMap<string, number>>[] = [];
    const { counts } = setUp(() => {
      asked.push(Promise.withResolvers());
      return asked.at(-1)!.promise;
    });
    for (const account of ['a', 'b', 'a']) counts.known(account);
    expect(asked).toHaveLength(1);

    asked[0]?.reject(new Error('away'));
    const total = counts.total('b');
    asked[1]?.resolve(new Map([['pod', 8]]));

    expect(await total).toBe(8);
    expect([counts.known('a'), counts.known('b')]).toEqual([undefined, 8]);
  });
});
