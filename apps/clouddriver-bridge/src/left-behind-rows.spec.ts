import { type CommitUnit, type ListIdsQuery } from '@fairlead/sql-cache';
import { removeLeftBehind } from './left-behind-rows.ts';

const left = 'prod/KubernetesUnregisteredCustomResourceCachingAgent[1/1]';

/** A table with `count` rows of Clouddriver's own agent. */
function aTable(count: number) {
  const ids = new Set(Array.from({ length: count }, (_, at) => String(at).padStart(5, '0')));
  const asked: ListIdsQuery[] = [];
  const units: CommitUnit[] = [];
  const cache = {
    listIds: (query: ListIdsQuery) => {
      asked.push(query);
      const found = [...ids].filter((id) => id > query.afterId).sort();
      return Promise.resolve(found.slice(0, query.limit));
    },
    commit: (unit: CommitUnit) => {
      units.push(unit);
      for (const { id } of unit.deletes) ids.delete(id);
      const deleted = unit.deletes.length;
      return Promise.resolve({ inserted: 0, updated: 0, unchanged: 0, deleted, retries: 0 });
    },
  };
  return { ids, asked, units, cache };
}

const account = { account: 'prod', epoch: 3 };

describe(removeLeftBehind, () => {
  it('removes the rows of Clouddriver’s other agent for a custom kind, page by page', async () => {
    const { ids, units, cache } = aTable(1500);

    await removeLeftBehind(cache, account, { type: 'A.example.com', namespace: '' });

    expect(ids.size).toBe(0);
    expect(units.map(({ epoch, deletes }) => [epoch, deletes.length])).toEqual([
      [3, 1000],
      [3, 500],
    ]);
    expect(units[0]?.deletes[0]).toEqual({ type: 'A.example.com', id: '00000', agent: left });
  });

  it('asks for a namespace alone when a feed has one', async () => {
    const { asked, cache } = aTable(0);

    await removeLeftBehind(cache, account, { type: 'A.example.com', namespace: 'a' });

    expect(asked).toMatchObject([{ agent: left, namespace: 'a' }]);
  });

  it('leaves native kinds alone, which that agent never caches', async () => {
    const { asked, cache } = aTable(1);

    await removeLeftBehind(cache, account, { type: 'pod', namespace: '' });

    expect(asked).toEqual([]);
  });
});
