import { describe, expect, it } from '@jest/globals';
import { type RegistryStore } from '@fairlead/account-registry';
import { type AccountHead, SqlCacheError, type SqlCache } from '@fairlead/sql-cache';
import { createSqlRegistryStore } from './sql-registry-store.ts';

function setUp(more: { head?: Partial<AccountHead>; deleting?: () => Promise<never> } = {}) {
  const head: AccountHead = { name: 'prod', state: 'feeding', epoch: 3, bridgeId: 'self' };
  const told: string[] = [];
  const cache = {
    accounts: { heads: () => Promise.resolve([{ ...head, ...more.head }]) },
    removeAccount: () => {
      told.push('rows go');
      return more.deleting?.() ?? Promise.resolve({ rows: 1 });
    },
    moveAccount: () => more.deleting?.() ?? Promise.resolve({ rows: 1, epoch: 4 }),
  } as unknown as Pick<SqlCache, 'accounts' | 'feeds' | 'removeAccount' | 'moveAccount'>;
  const store = createSqlRegistryStore({
    ...{ cache, bridgeId: 'self' },
    peers: { isLivingOther: (bridgeId) => bridgeId === 'living' },
    presence: { removed: () => Promise.resolve(void told.push('definition goes')) },
  });
  return { store, told };
}

const { signal } = new AbortController();
const request = { name: 'prod', epoch: 3, signal };
const to = {
  ...{ agentId: '', instanceId: '', kinds: [], properties: {} },
  cluster: { server: '', certificateFingerprint: '', version: '', uid: 'new' },
};

describe(createSqlRegistryStore, () => {
  it.each([
    ['feeding', 'self', { heldBy: 'self', begun: 'nothing' }],
    ['feeding', 'living', { heldBy: 'another', begun: 'nothing' }],
    ['feeding', 'dead', { heldBy: 'nobody', begun: 'nothing' }],
    ['disconnected', 'living', { heldBy: 'nobody', begun: 'nothing' }],
    ['removing', 'living', { heldBy: 'another', begun: 'removal' }],
    ['removing', 'dead', { heldBy: 'nobody', begun: 'removal' }],
    ['moving', 'dead', { heldBy: 'nobody', begun: 'move' }],
  ])(
    'tells who has an account that is %s by a bridge that is %s',
    async (state, bridgeId, held) => {
      const { store } = setUp({ head: { state, bridgeId } });

      expect(await store.heads()).toEqual([{ name: 'prod', epoch: 3, ...held }]);
    },
  );

  it('has Clouddriver lose an account before its rows go', async () => {
    const { store, told } = setUp();

    expect(await store.removeAccount(request)).toBe('removed');
    expect(told).toEqual(['definition goes', 'rows go']);
  });

  const deletions: readonly [string, (store: RegistryStore) => Promise<unknown>, unknown][] = [
    ['removal', (store) => store.removeAccount(request), 'lost'],
    ['move', (store) => store.moveAccount({ ...request, to }), { kind: 'lost' }],
  ];

  it.each(deletions)('says that a %s is lost when it is fenced', async (_name, act, lost) => {
    const { store } = setUp({
      deleting: () => Promise.reject(new SqlCacheError('fenced', 'late')),
    });

    expect(await act(store)).toEqual(lost);
  });

  it.each(deletions)('hands on what else goes wrong in a %s', async (_name, act) => {
    const { store } = setUp({
      deleting: () => Promise.reject(new SqlCacheError('aborted', 'end')),
    });

    await expect(act(store)).rejects.toMatchObject({ code: 'aborted' });
  });
});
