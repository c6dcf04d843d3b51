import { holdWal, isUnavailable, startPostgres, type SqlServerHandle } from '@fairlead/testbed';
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { queryPostgres, serverStartMs, testClock } from './targets.ts';
import { feedAccount, podCheckpoint } from './units.ts';

const describeHere = isUnavailable('postgres') ? describe.skip : describe;

describeHere('when PostgreSQL crashes before the disk has what it committed', () => {
  let server: SqlServerHandle;
  let cache: SqlCache;
  let url: string;

  beforeAll(async () => {
    server = await startPostgres();
    url = (await server.createDatabase()).url;
    cache = await openSqlCache({ url, schema: 'standalone', clock: testClock });
    await cache.ready();
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await server.stop();
  });

  const podNames = async (account: string): Promise<unknown[]> => {
    const ids = `SELECT id FROM cats_v1_pod WHERE agent LIKE '${account}/%' ORDER BY id`;
    return (await queryPostgres(url, ids)).map((row) => String(row.id).split(':').at(-1));
  };

  it('tells a writer that pieces of a snapshot are lost, and takes them again from the next', async () => {
    const account = await feedAccount(cache, 'lost');
    await cache.commit(account.unit({ upserts: [account.pod({ name: 'a' })] }));
    await cache.commit(account.unit({ checkpoints: [podCheckpoint()] }));
    const wal = await holdWal(url);
    await cache.commit(account.unit({ upserts: [account.pod({ name: 'b' })], isNew: true }));
    await cache.commit(account.unit({ upserts: [account.pod({ name: 'c' })] }));
    expect(await podNames('lost')).toEqual(['a', 'b', 'c']);

    await wal.crash();
    const late = account.unit({ upserts: [account.pod({ name: 'd' })] });

    await expect(cache.commit(late)).rejects.toMatchObject({ code: 'commitsLost' });
    await expect(cache.commit(late)).rejects.toMatchObject({ code: 'commitsLost' });
    expect(await podNames('lost')).toEqual(['a']);
    const again = await feedAccount(cache, 'lost');
    await cache.commit(again.unit({ upserts: [again.pod({ name: 'b' })] }));
    expect(await podNames('lost')).toEqual(['a', 'b']);
  });

  it('tells a writer that units are lost which others waited behind, with their checkpoints', async () => {
    const account = await feedAccount(cache, 'followed');
    const unitOf = (name: string, resourceVersion: string, isFollowed: boolean) =>
      account.unit({
        ...{ upserts: [account.pod({ name })], isFollowed },
        checkpoints: [podCheckpoint({ resourceVersion })],
      });
    await cache.commit(unitOf('a', '1', true));
    await cache.commit(unitOf('b', '2', false));
    const wal = await holdWal(url);
    await cache.commit(unitOf('c', '3', true));

    await wal.crash();

    await expect(cache.commit(unitOf('d', '4', false))).rejects.toMatchObject({
      code: 'commitsLost',
    });
    expect(await podNames('followed')).toEqual(['a', 'b']);
    expect(await cache.feeds('followed')).toMatchObject([{ resourceVersion: '2' }]);
  });

  it('has lost nothing that stands before a checkpoint', async () => {
    const account = await feedAccount(cache, 'kept');
    const wal = await holdWal(url);
    await cache.commit(account.unit({ upserts: [account.pod({ name: 'a' })] }));
    await cache.commit(account.unit({ checkpoints: [podCheckpoint({ resourceVersion: '7' })] }));

    await wal.crash();
    await cache.commit(account.unit({ upserts: [account.pod({ name: 'b' })] }));

    expect(await podNames('kept')).toEqual(['a', 'b']);
    expect(await cache.feeds('kept')).toMatchObject([{ resourceVersion: '7' }]);
  });
});
