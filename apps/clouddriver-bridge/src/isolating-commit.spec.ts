import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Projection } from '@fairlead/clouddriver-model';
import { type RowKey } from '@fairlead/sql-cache';
import { commitIsolating } from './isolating-commit.ts';
import { MemoryCache } from '../tests/memory-cache.ts';

const aCheckpoint = {
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
  namespace: '',
  type: 'pod',
  resourceVersion: '9',
  asOfMs: 1,
};

const letterOf = (row: RowKey, message: string) => ({
  ...{ id: row.id, account: 'prod', type: row.type, rowId: row.id, namespace: '', name: '' },
  feed: { group: '', resource: 'pods', namespace: '', kind: 'Pod' },
  ...{ uid: '', resourceVersion: '', operation: 'write' as const, reason: 'refused', message },
  payload: new Uint8Array(0),
});

describe(commitIsolating, () => {
  it('commits all but the rows that are refused, whichever they are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('upsert', 'delete'), { minLength: 1, maxLength: 40 }),
        fc.array(fc.nat(39), { maxLength: 6 }),
        async (kinds, poisoned) => {
          const cache = new MemoryCache();
          const ids = kinds.map((kind, at) => ({ kind, id: `${kind}-${at}` }));
          for (const at of poisoned) cache.poison.add(ids[at]?.id ?? 'nobody');
          for (const { kind, id } of ids) if (kind === 'delete') cache.rows.set(id, 'pod');
          const rows = (wanted: string) =>
            ids
              .filter(({ kind }) => kind === wanted)
              .map(({ id }) => ({ id, type: 'pod', agent: '' }));

          await commitIsolating(
            {
              account: 'prod',
              epoch: 1,
              upserts: rows('upsert') as unknown as Projection[],
              deletes: rows('delete'),
              checkpoints: [aCheckpoint],
              retired: [],
            },
            {
              cache,
              signal: new AbortController().signal,
              letterOf,
            },
          );

          const bad = ids.filter(({ id }) => cache.poison.has(id)).map(({ id }) => id);
          const aside = [...cache.letters.values()].map(({ rowId }) => rowId);
          expect(aside.sort()).toEqual(bad.sort());
          for (const { kind, id } of ids) {
            const isThere = cache.rows.has(id);
            expect(isThere).toBe(cache.poison.has(id) === (kind === 'delete'));
          }
          // The checkpoint goes with the last unit: whatever fails before it is read again.
          expect(cache.units.findIndex(({ checkpoints }) => checkpoints.length > 0)).toBe(
            cache.units.length - 1,
          );
        },
      ),
      { seed: 7, numRuns: 300 },
    );
  });

  it('commits relations before the parts, once', async () => {
    const cache = new MemoryCache();
    cache.poison.add('b');
    const row = (id: string) => ({ id, type: 'service', agent: '' });
    const relation = { type: 'service', uuid: 'u', id: 'a', relId: 'set', relAgent: 'service:x/y' };
    const relations = { added: [{ ...relation, relType: 'replicaSet' }], removed: [] };
    await commitIsolating(
      {
        ...{ account: 'prod', epoch: 1, upserts: [], deletes: [row('a'), row('b')] },
        ...{ relations, checkpoints: [aCheckpoint], retired: [] },
      },
      { cache, signal: new AbortController().signal, letterOf },
    );

    expect(cache.units.map((unit) => unit.relations)).toEqual([
      ...[relations, undefined, undefined],
    ]);
    expect(cache.units[0]).toMatchObject({ deletes: [], checkpoints: [] });
    expect([...cache.letters.keys()]).toEqual(['b']);
  });

  it('writes the letters that a unit brings after the rows that it splits, once', async () => {
    const cache = new MemoryCache();
    cache.poison.add('b');
    const rows = ['a', 'b', 'c'].map((id) => ({ id, type: 'pod', agent: '' }));
    const brought = letterOf({ id: 'a', type: 'pod', agent: '' }, 'a newer one');

    await commitIsolating(
      {
        ...{ account: 'prod', epoch: 1, upserts: rows as unknown as Projection[], deletes: [] },
        ...{ checkpoints: [aCheckpoint], retired: [] },
        deadLetters: { put: [brought], cleared: ['z'] },
      },
      { cache, signal: new AbortController().signal, letterOf },
    );

    const withBrought = cache.units.filter(({ deadLetters }) =>
      deadLetters?.put.some(({ message }) => message === 'a newer one'),
    );
    expect(withBrought).toEqual([cache.units.at(-1)]);
    expect(cache.units.at(-1)).toMatchObject({ checkpoints: [aCheckpoint] });
    expect([...cache.letters.keys()].sort()).toEqual(['a', 'b']);
  });
});
