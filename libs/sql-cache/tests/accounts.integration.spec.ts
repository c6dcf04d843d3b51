import { openSqlCache, type SqlCache } from '../src/index.ts';
import { openMysqlDialect } from '../src/mysql/mysql-dialect.ts';
import { openPostgresDialect } from '../src/postgres/postgres-dialect.ts';
import { writeAccount } from '../src/sql-account-store.ts';
import { resolveSqlCacheOptions } from '../src/sql-cache-options.ts';
import { capturing } from './captured-statements.ts';
import { aDeadLetter, aTakeOver, feedAccount, podCheckpoint, type FedAccount } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`accounts on ${target.name}`, () => describeAccounts(target));
}

function describeAccounts(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;

  beforeAll(async () => {
    database = await target.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  it('keeps everything that a take-over says', async () => {
    const request = aTakeOver('kept', 0);

    const result = await cache.accounts.takeOver(request);

    expect(result).toEqual({ kind: 'taken', epoch: 1 });
    const { expectedEpoch: _, ...said } = request;
    expect(await cache.accounts.get('kept')).toMatchObject({
      ...said,
      epoch: 1,
      graceDeadlineMs: null,
    });
  });

  it('lets one of many win who saw the same epoch', async () => {
    const second = await openSqlCache({
      url: database.url,
      schema: 'standalone',
      clock: testClock,
    });
    await second.ready();
    const attempts = Array.from({ length: 12 }, (_, index) =>
      (index % 2 === 0 ? cache : second).accounts.takeOver(aTakeOver('wanted', 0)),
    );

    const results = await Promise.all(attempts);

    expect(results.filter((result) => result.kind === 'taken')).toEqual([
      { kind: 'taken', epoch: 1 },
    ]);
    const lost = results.find((result) => result.kind === 'lost');
    expect(lost).toMatchObject({ current: { name: 'wanted', epoch: 1 } });
    await second.close();
  });

  it('tells names apart by case', async () => {
    await cache.accounts.takeOver(aTakeOver('Case', 0));

    const result = await cache.accounts.takeOver(aTakeOver('case', 0));

    expect(result).toEqual({ kind: 'taken', epoch: 1 });
  });

  // SQLite knows no other process, and its transactions take no turns of the event loop.
  if (target.name !== 'sqlite')
    it('takes over from a process that froze in a transaction', async () => {
      await cache.accounts.takeOver(aTakeOver('frozen', 0));
      const options = { url: database.url, clock: testClock, lockTimeoutMs: 2000 };
      const resolved = resolveSqlCacheOptions({ ...options, schema: 'standalone' });
      const dialect = (target.name === 'mysql' ? openMysqlDialect : openPostgresDialect)(resolved);
      let thaw: () => void = () => undefined;
      const frozen = new Promise<void>((resolve) => (thaw = resolve));
      let hasLocked: () => void = () => undefined;
      const locked = new Promise<void>((resolve) => (hasLocked = resolve));
      const holding = dialect.transaction(async (session) => {
        await session.lockAccount('frozen');
        hasLocked();
        await frozen;
        await writeAccount(dialect, session, { name: 'frozen', epoch: 99 });
      });
      await locked;

      const taken = await cache.accounts.takeOver(aTakeOver('frozen', 1));
      thaw();

      expect(taken).toEqual({ kind: 'taken', epoch: 2 });
      await expect(holding).rejects.toThrow();
      expect(await cache.accounts.get('frozen')).toMatchObject({ epoch: 2 });
      await dialect.close();
    }, 20_000);

  it('changes state and grace only for the writer of the epoch', async () => {
    await cache.accounts.takeOver(aTakeOver('changing', 0));
    const change = { name: 'changing', state: 'disconnected', graceDeadlineMs: 5 };

    expect(await cache.accounts.update({ ...change, epoch: 2 })).toBe(false);
    expect(await cache.accounts.get('changing')).toMatchObject({ state: 'feeding' });
    expect(await cache.accounts.update({ ...change, epoch: 1 })).toBe(true);
    expect(await cache.accounts.get('changing')).toMatchObject({
      state: 'disconnected',
      graceDeadlineMs: 5,
      kinds: ['pod', 'replicaSet'],
    });
    expect(await cache.accounts.update({ name: 'unheard of', epoch: 0 })).toBe(false);
  });

  it('removes an account with everything that it has, and nothing of others', async () => {
    const account = await feedAccount(cache, 'gone');
    const neighbour = await feedAccount(cache, 'gone-not');
    const rows = (fed: typeof account) => [
      ...Array.from({ length: 25 }, (_, index) =>
        fed.pod({ name: `p-${index}`, owners: ['ReplicaSet/web-v001'] }),
      ),
      fed.replicaSet({ name: 'web-v001' }),
      fed.object({ kind: 'A', apiVersion: 'b.io/v1', metadata: { name: 'c', namespace: 'd' } }),
    ];
    for (const fed of [account, neighbour]) {
      await cache.commit(fed.unit({ upserts: rows(fed), checkpoints: [podCheckpoint()] }));
    }

    const removed = await cache.removeAccount({
      name: 'gone',
      epoch: account.epoch,
      chunkRows: 10,
    });

    expect(removed.rows).toBe(29);
    expect(await cache.countRows('gone')).toEqual(new Map());
    expect(await cache.feeds('gone')).toEqual([]);
    expect(await cache.accounts.get('gone')).toBeUndefined();
    expect((await cache.accounts.list()).map((row) => row.name)).not.toContain('gone');
    expect([...(await cache.countRows('gone-not')).values()]).toEqual([1, 1, 1, 25, 1]);
    const relations =
      target.name === 'postgres' ? 'cats_v1_replicaset_rel' : 'cats_v1_replicaSet_rel';
    const left = await database.query(
      `SELECT DISTINCT rel_agent FROM ${relations} WHERE rel_agent LIKE '%:gone%'`,
    );
    expect(left).toEqual([{ rel_agent: 'replicaSet:gone-not/KubernetesCoreCachingAgent[1/1]' }]);
  });

  it('goes on with the epoch when a removed account comes back', async () => {
    const first = await feedAccount(cache, 'returning');
    await cache.removeAccount({ name: 'returning', epoch: first.epoch });

    const result = await cache.accounts.takeOver(aTakeOver('returning', 0));

    expect(result).toEqual({ kind: 'taken', epoch: 3 });
    const late = cache.commit(first.unit({ upserts: [first.pod()] }));
    await expect(late).rejects.toMatchObject({ code: 'fenced' });
  });

  it('does not remove an account that somebody has taken over', async () => {
    const first = await feedAccount(cache, 'rescued');
    const second = await feedAccount(cache, 'rescued');
    await cache.commit(second.unit({ upserts: [second.pod()] }));

    const removal = cache.removeAccount({ name: 'rescued', epoch: first.epoch });

    await expect(removal).rejects.toMatchObject({ code: 'fenced' });
    expect(await cache.countRows('rescued')).toEqual(new Map([['pod', 1]]));
  });

  it('goes on with a removal that was interrupted', async () => {
    const account = await feedAccount(cache, 'half-gone');
    await cache.commit(account.unit({ upserts: [account.pod()] }));
    const controller = new AbortController();
    controller.abort();
    const { signal } = controller;
    await expect(
      cache.removeAccount({ name: 'half-gone', epoch: 1, signal }),
    ).rejects.toMatchObject({ code: 'aborted' });
    await database.query(
      `UPDATE fairlead_accounts SET state = 'removing', epoch = 2 WHERE name = 'half-gone' ${
        target.name === 'mysql' ? '' : 'RETURNING name'
      }`,
    );

    expect(await cache.removeAccount({ name: 'half-gone', epoch: 1 })).toEqual({ rows: 1 });
  });

  it('lets nobody take over an account whose rows are being deleted', async () => {
    const account = await feedAccount(cache, 'half-deleted');
    await cache.commit(account.unit({ upserts: [account.pod()], checkpoints: [podCheckpoint()] }));
    await database.query(
      `UPDATE fairlead_accounts SET state = 'removing', epoch = 2 WHERE name = 'half-deleted' ${
        target.name === 'mysql' ? '' : 'RETURNING name'
      }`,
    );

    const taken = await cache.accounts.takeOver(aTakeOver('half-deleted', 2));

    expect(taken).toMatchObject({ kind: 'lost', current: { state: 'removing', epoch: 2 } });
  });

  it('gives a name to another cluster, with nothing of the old one', async () => {
    const old = await feedAccount(cache, 'moving');
    await cache.commit(old.unit({ upserts: [old.pod()], checkpoints: [podCheckpoint()] }));
    const cluster = { server: 'https://new', certificateFingerprint: '', version: '', uid: 'new' };
    const to = { cluster, properties: {}, kinds: [] };
    const request = { name: 'moving', epoch: old.epoch, bridgeId: 'bridge-2', to, state: 'free' };

    const moved = await cache.moveAccount(request);

    expect(moved).toEqual({ rows: 1, epoch: old.epoch + 1 });
    expect(await cache.countRows('moving')).toEqual(new Map());
    expect(await cache.feeds('moving')).toEqual([]);
    expect(await cache.accounts.get('moving')).toMatchObject({
      ...{ state: 'free', epoch: 2, cluster, owner: { agentId: '', bridgeId: 'bridge-2' } },
    });
    const late = cache.commit(old.unit({ upserts: [old.pod()] }));
    await expect(late).rejects.toMatchObject({ code: 'fenced' });
    await expect(cache.moveAccount(request)).rejects.toMatchObject({ code: 'fenced' });
  });

  it('goes on with a move of the same bridge only', async () => {
    const old = await feedAccount(cache, 'moved-twice');
    const cluster = { server: '', certificateFingerprint: '', version: '', uid: 'new' };
    const to = { cluster, properties: {}, kinds: [] };
    const request = { name: 'moved-twice', epoch: old.epoch, to, state: 'free' };
    await cache.moveAccount({ ...request, bridgeId: 'bridge-1' });
    await database.query(
      `UPDATE fairlead_accounts SET state = 'moving' WHERE name = 'moved-twice' ${
        target.name === 'mysql' ? '' : 'RETURNING name'
      }`,
    );

    const others = cache.moveAccount({ ...request, bridgeId: 'bridge-2' });
    await expect(others).rejects.toMatchObject({ code: 'fenced' });

    expect(await cache.moveAccount({ ...request, bridgeId: 'bridge-1' })).toEqual({
      ...{ rows: 0, epoch: old.epoch + 1 },
    });
  });

  it('tells the heads of accounts that are not removed', async () => {
    const account = await feedAccount(cache, 'with-head');
    const gone = await feedAccount(cache, 'without-head');
    await cache.removeAccount({ name: 'without-head', epoch: gone.epoch });

    const heads = await cache.accounts.heads();

    expect(heads).toContainEqual({
      ...{ name: 'with-head', state: 'feeding', epoch: account.epoch, bridgeId: 'bridge-1' },
    });
    expect(heads.map(({ name }) => name)).not.toContain('without-head');
  });

  it('counts the beats of bridges, and forgets those that are gone', async () => {
    for (const bridge of ['bridge-a', 'bridge-b', 'bridge-a']) await cache.bridges.beat(bridge);
    const beats = async () =>
      (await cache.bridges.list()).map(({ bridgeId, beat }) => `${bridgeId} ${String(beat)}`);

    expect(await beats()).toEqual(['bridge-a 2', 'bridge-b 1']);
    await cache.bridges.forget(['bridge-a']);
    expect(await beats()).toEqual(['bridge-b 1']);
  });

  it('keeps checkpoints of feeds until they are retired', async () => {
    const { name, ...account } = await feedAccount(cache, 'feeds');
    const checkpoint = podCheckpoint({ namespace: 'n', resourceVersion: '12', asOfMs: 99 });

    await cache.commit(account.unit({ checkpoints: [checkpoint] }));

    expect(await cache.feeds(name)).toEqual([
      { ...checkpoint, policy: '', ahead: '', updatedAtMs: expect.any(Number) },
    ]);
    await cache.commit(account.unit({ retired: [checkpoint] }));
    expect(await cache.feeds(name)).toEqual([]);
  });

  it('writes many feeds of an account at once', async () => {
    const { name, ...account } = await feedAccount(cache, 'many-feeds');
    const checkpoints = ['a', 'b', 'c', 'a'].map((namespace, index) =>
      podCheckpoint({ namespace, resourceVersion: String(index) }),
    );

    await cache.commit(account.unit({ checkpoints }));
    await cache.commit(account.unit({ checkpoints: checkpoints.slice(1, 3) }));

    const feeds = (await cache.feeds(name)).map((feed) => [feed.namespace, feed.resourceVersion]);
    expect(feeds.sort()).toEqual([
      ['a', '3'],
      ['b', '1'],
      ['c', '2'],
    ]);
  });

  describe('while an account is removed', () => {
    const podsOf = (account: FedAccount) =>
      Array.from({ length: 45 }, (_, at) =>
        account.pod({ name: `p-${at}`, owners: ['ReplicaSet/web-v001'] }),
      );

    it('asks for the epoch in each transaction, and stops when it is another one', async () => {
      const account = await feedAccount(cache, 'contended');
      await cache.commit(account.unit({ upserts: podsOf(account) }));
      let chunks = 0;
      let raised: Promise<unknown> | undefined;
      const raise = `UPDATE fairlead_accounts SET epoch = 9 WHERE name = 'contended'`;
      const timed = ({ statement }: { readonly statement: string }) => {
        if (statement === 'removeAccount') chunks += 1;
        if (chunks === 5) {
          raised ??= database.query(`${raise} ${target.name === 'mysql' ? '' : 'RETURNING name'}`);
        }
      };
      const options = { url: database.url, schema: 'standalone', clock: testClock } as const;
      const remover = await openSqlCache({ ...options, observer: { timed } });
      await remover.ready();

      const removal = remover.removeAccount({ name: 'contended', epoch: 1, chunkRows: 1 });

      await expect(removal).rejects.toMatchObject({ code: 'fenced' });
      await raised;
      expect((await cache.countRows('contended')).get('pod')).toBeGreaterThan(0);
      await remover.close();
    });

    if (target.name === 'sqlite') return;

    it('deletes no more rows in a transaction than it may', async () => {
      const account = await feedAccount(cache, 'bounded');
      const put = Array.from({ length: 25 }, (_, at) => aDeadLetter(account, { name: `${at}` }));
      const deadLetters = { put, cleared: [] };
      await cache.commit(account.unit({ upserts: podsOf(account), deadLetters }));

      const sent = await capturing(() =>
        cache.removeAccount({ name: 'bounded', epoch: account.epoch, chunkRows: 10 }),
      );

      const transactions = transactionsOf(sent.map(({ text }) => text)).slice(1);
      expect(transactions.length).toBeGreaterThan(15);
      for (const texts of transactions.slice(0, -1)) {
        expect(texts[0]).toMatch(/fairlead_accounts.*for update/is);
        expect(texts.filter((text) => /\bdelete\b/i.test(text))).toHaveLength(
          texts.some((text) => /select .id. from .fairlead_dead_letters. .*limit/i.test(text))
            ? texts.length - 2
            : 1,
        );
      }
    });
  });
}

/** What stands between a beginning and an end. */
function transactionsOf(texts: readonly string[]): readonly (readonly string[])[] {
  const transactions: string[][] = [];
  for (const text of texts) {
    if (/^(begin|start transaction)/i.test(text)) transactions.push([]);
    else if (!/^commit/i.test(text)) transactions.at(-1)?.push(text);
  }
  return transactions;
}
