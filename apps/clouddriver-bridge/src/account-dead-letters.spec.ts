import { describe, expect, it } from '@jest/globals';
import { deadLetterId, type CommitUnit, type DeadLetter } from '@fairlead/sql-cache';
import { AccountDeadLetters, type KnownLetter } from './account-dead-letters.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

const account = 'prod';

function aLetter(rowId: string, parts: Partial<DeadLetter> = {}): DeadLetter {
  return {
    ...{ id: deadLetterId({ account, type: 'pod', rowId }), account, type: 'pod', rowId },
    feed: { group: '', resource: 'pods', namespace: '', kind: 'Pod' },
    ...{ namespace: 'n', name: rowId, uid: '', resourceVersion: '1', operation: 'write' as const },
    ...{ reason: 'invalidJson', message: '', payload: new Uint8Array(0) },
    ...parts,
  };
}

function aUnit(parts: Partial<CommitUnit>): CommitUnit {
  const nothing = { upserts: [], deletes: [], checkpoints: [], retired: [] };
  return { account, epoch: 1, ...nothing, ...parts };
}

const aRow = (id: string) => ({ type: 'pod', id, agent: '' });

function setUp(stored: readonly KnownLetter[] = [], maxLetters = 3) {
  const cache = new MemoryCache();
  const told: string[] = [];
  const letters = new AccountDeadLetters(
    { cache, maxLetters, putAside: ({ rowId }, fate) => told.push(`${rowId} ${fate}`) },
    stored,
  );
  const put = (...ids: string[]) =>
    letters.commit(aUnit({ deadLetters: { put: ids.map((id) => aLetter(id)), cleared: [] } }));
  return { cache, told, letters, put };
}

describe(AccountDeadLetters, () => {
  it('clears the letters of rows that are written or deleted, and no others', async () => {
    const { cache, letters, put } = setUp();
    await put('a', 'b', 'c');

    await letters.commit(aUnit({ deletes: [aRow('a'), aRow('x'), aRow('b')] }));

    expect([...cache.letters.values()].map(({ rowId }) => rowId)).toEqual(['c']);
    expect(letters.rowsOf({ type: 'pod', agent: 'me', namespace: '' })).toEqual([
      { type: 'pod', id: 'c', agent: 'me' },
    ]);
  });

  it('clears those that stand in SQL since before', async () => {
    const { cache, letters } = setUp([aLetter('a')]);

    await letters.commit(aUnit({ deletes: [aRow('a')] }));

    expect(cache.units[0]?.deadLetters).toEqual({ put: [], cleared: [aLetter('a').id] });
    expect(letters.get(aLetter('a').id)).toBeUndefined();
  });

  it('keeps a letter that is put with an older row of the same object', async () => {
    const { cache, letters, put } = setUp();
    await put('a');

    const changes = { put: [aLetter('a', { resourceVersion: '2' })], cleared: [aLetter('a').id] };
    await letters.commit(aUnit({ deletes: [aRow('a')], deadLetters: changes }));

    expect([...cache.letters.values()]).toMatchObject([{ resourceVersion: '2' }]);
    expect(letters.get(aLetter('a').id)).toMatchObject({ resourceVersion: '2' });
  });

  it('keeps no more than there is room for, and says which it did not keep', async () => {
    const { cache, told, put } = setUp();
    await put('a', 'b');

    await put('c', 'd', 'a');

    expect([...cache.letters.values()].map(({ rowId }) => rowId)).toEqual(['a', 'b', 'c']);
    expect(told.slice(2)).toEqual(['c kept', 'a kept', 'd notKept']);
  });

  it('remembers nothing of a commit that failed', async () => {
    const { cache, told, letters, put } = setUp([aLetter('old')]);
    cache.refusesAll = true;

    await expect(put('a')).rejects.toMatchObject({ code: 'rejected' });
    await expect(letters.commit(aUnit({ deletes: [aRow('old')] }))).rejects.toThrow();

    expect(told).toEqual([]);
    expect(letters.get(aLetter('a').id)).toBeUndefined();
    expect(letters.get(aLetter('old').id)).toBeDefined();
  });

  it('passes units on as they are while nothing is put aside', async () => {
    const { cache, letters } = setUp();
    const unit = aUnit({ deletes: [aRow('a')] });

    await letters.commit(unit);

    expect(cache.units).toEqual([unit]);
  });

  it('finds rows by type and namespace', () => {
    const { letters } = setUp([
      aLetter('a', { namespace: 'one' }),
      aLetter('b', { namespace: 'two' }),
      aLetter('c', { type: 'job', namespace: 'one' }),
    ]);

    const found = letters.rowsOf({ type: 'pod', agent: '', namespace: 'one' });

    expect(found.map(({ id }) => id)).toEqual(['a']);
  });

  it('remembers of which types anything was put aside, kept or not', async () => {
    const { letters, put } = setUp([], 0);
    expect(letters.hasPutAside('pod')).toBe(false);

    await put('a');

    expect(['pod', 'job'].map((type) => letters.hasPutAside(type))).toEqual([true, false]);
  });
});
