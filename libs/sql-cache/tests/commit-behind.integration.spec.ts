import pg from 'pg';
import { openSqlCache, type CommitUnit, type SqlCache } from '../src/index.ts';
import { serverStartMs, targets, testClock, type TestDatabase } from './targets.ts';
import { feedAccount, fedAccount, podCheckpoint, type FedAccount } from './units.ts';

describe.each(targets)('a unit behind another on $name', (target) => {
  if (target.isUnavailable || target.name === 'postgres') return;

  it(
    'is not sent',
    async () => {
      await using database = await target.create();
      const cache = await openSqlCache({
        url: database.url,
        schema: 'standalone',
        clock: testClock,
      });
      await cache.ready();
      const account = await feedAccount(cache, 'acme');
      const unit = (name: string) =>
        account.unit({ upserts: [account.pod({ name })], isNew: true });
      await cache.commit(unit('a'));

      const [first, second] = await Promise.all([
        cache.commit(unit('b')),
        cache.commitBehind(unit('c')),
      ]);

      expect(first).toMatchObject({ inserted: 1 });
      expect(second).toBeUndefined();
      expect(await cache.countRows('acme')).toEqual(new Map([['pod', 2]]));
      await cache.close();
    },
    serverStartMs,
  );
});

const [postgres] = targets.filter(({ name }) => name === 'postgres');
const describeHere = postgres?.isUnavailable === false ? describe : describe.skip;

describeHere('a unit behind another on PostgreSQL', () => {
  let database: TestDatabase;
  let cache: SqlCache;
  let rival: pg.Client;
  let account: FedAccount;
  let accounts = 0;

  beforeAll(async () => {
    if (postgres === undefined) throw new Error('no PostgreSQL among the targets');
    database = await postgres.create();
    const options = { url: database.url, clock: testClock, lockTimeoutMs: 6000 };
    cache = await openSqlCache({ ...options, schema: 'standalone' });
    await cache.ready();
    rival = new pg.Client({ connectionString: database.url });
    await rival.connect();
  }, serverStartMs);

  afterAll(async () => {
    await rival.end();
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    account = await feedAccount(cache, `account-${(accounts += 1)}`);
    await cache.commit(newRows('there'));
  });

  const newRows = (...names: string[]) =>
    account.unit({ upserts: names.map((name) => account.pod({ name })), isNew: true });
  const names = async () =>
    (await cache.listIds({ ...rows(), afterId: '', limit: 100 })).map((id) => id.split(':').at(-1));
  const rows = () => ({ type: 'pod', agent: account.pod().agent });
  /** A row that somebody has inserted, and may take back. */
  const holdRow = async (name: string, by = rival): Promise<void> => {
    const { id, agent } = account.pod({ name });
    await by.query('BEGIN');
    await by.query(
      `INSERT INTO cats_v1_pod (id, agent, body_hash, body, last_updated) VALUES ($1, $2, '', '{}', 0)`,
      [id, agent],
    );
  };
  const sessions = `FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'fairlead' AND wait_event_type = 'Lock'`;
  /** Those that have written and wait to be told of the one before. */
  const idle = `FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'fairlead' AND state = 'idle in transaction'`;
  const untilIdle = async (count: number): Promise<void> => {
    while ((await database.query(`SELECT pid ${idle}`)).length !== count);
  };
  const untilWaiting = async (count: number): Promise<void> => {
    while ((await database.query(`SELECT pid ${sessions}`)).length < count);
  };

  /** A first one that waits for a row of its own, and another that waits for the first. */
  const commitBoth = async (behind: CommitUnit) => {
    await holdRow('a');
    const first = cache.commit(newRows('a'));
    await untilWaiting(1);
    const second = cache.commitBehind(behind);
    await untilWaiting(2);
    return { first, second };
  };

  it('works beside the one before, and is committed after it', async () => {
    const { first, second } = await commitBoth(newRows('b', 'c'));
    const writing = await database.query(`
      SELECT substring(query FROM '[A-Z]+') AS verb ${sessions} AND pid IN (SELECT pid FROM pg_locks
        WHERE relation = 'cats_v1_pod'::regclass AND mode = 'RowExclusiveLock')`);
    expect(writing.map(({ verb }) => verb).sort()).toEqual(['INSERT', 'SELECT']);

    await rival.query('ROLLBACK');

    expect(await second).toEqual({ inserted: 2, updated: 0, unchanged: 0, deleted: 0, retries: 0 });
    expect(await first).toMatchObject({ inserted: 1, retries: 0 });
    expect(await names()).toEqual(['a', 'b', 'c', 'there']);
    const commits = `SELECT commits FROM fairlead_accounts WHERE name = '${account.name}'`;
    expect(await database.query(commits)).toEqual([{ commits: '3' }]);
  });

  it('shares an application with the one before', async () => {
    const serverGroup = (name: string) => account.replicaSet({ name });
    await holdRow('a');
    const first = cache.commit(
      account.unit({ upserts: [account.pod({ name: 'a' }), serverGroup('web-v001')], isNew: true }),
    );
    await untilWaiting(1);
    const second = cache.commitBehind(
      account.unit({ upserts: [serverGroup('web-v002')], isNew: true }),
    );
    await untilWaiting(2);

    await rival.query('ROLLBACK');

    expect(await Promise.all([first, second])).toMatchObject([
      { inserted: 2, retries: 0 },
      { inserted: 1 },
    ]);
    const applications = { type: 'applications', agent: serverGroup('web-v001').agent };
    expect(await cache.listIds({ ...applications, afterId: '', limit: 9 })).toHaveLength(1);
  });

  it('is the one that the third goes behind', async () => {
    const { first, second } = await commitBoth(newRows('b'));
    const third = cache.commitBehind(newRows('c'));

    await rival.query('ROLLBACK');

    expect(await Promise.all([first, second, third])).toEqual(
      [1, 1, 1].map((inserted) => expect.objectContaining({ inserted }) as unknown),
    );
    expect(await names()).toEqual(['a', 'b', 'c', 'there']);
  });

  it('leaves nothing when the one before is written otherwise', async () => {
    const { first, second } = await commitBoth(newRows('b'));

    await rival.query('COMMIT');

    expect(await second).toBeUndefined();
    expect(await first).toMatchObject({ inserted: 0, updated: 1 });
    expect(await names()).toEqual(['a', 'there']);
    expect(await cache.commit(newRows('b'))).toMatchObject({ inserted: 1 });
  });

  it('leaves nothing when the one before loses its connection, and must be tried again', async () => {
    await holdRow('a');
    const first = cache.commit(newRows('a'));
    await untilWaiting(1);
    const [{ pid } = {}] = await database.query(`SELECT pid ${sessions}`);
    const second = cache.commitBehind(newRows('b'));
    await untilWaiting(2);

    await database.query(`SELECT pg_terminate_backend(${Number(pid)})`);

    expect(await second).toBeUndefined();
    await rival.query('ROLLBACK');
    expect(await first).toMatchObject({ inserted: 1, retries: expect.any(Number) as number });
    expect(await names()).toEqual(['a', 'there']);
  });

  it('leaves nothing when one of its own rows is stored', async () => {
    const { first, second } = await commitBoth(newRows('b', 'there'));

    await rival.query('ROLLBACK');

    expect(await second).toBeUndefined();
    expect(await first).toMatchObject({ inserted: 1 });
    expect(await names()).toEqual(['a', 'there']);
  });

  it('leaves nothing of an older writer', async () => {
    const older = fedAccount(account.name, account.epoch);
    account = await feedAccount(cache, account.name);
    const late = older.unit({ upserts: [older.pod({ name: 'b' })], isNew: true });
    const { first, second } = await commitBoth(late);

    await rival.query('ROLLBACK');

    expect(await second).toBeUndefined();
    expect(await first).toMatchObject({ inserted: 1 });
    expect(await names()).toEqual(['a', 'there']);
  });

  it('is not sent with anything that has an order', async () => {
    await holdRow('a');
    const first = cache.commit(newRows('a'));
    await untilWaiting(1);
    const { type, id, agent } = account.pod({ name: 'there' });

    const others = [
      { ...newRows('b'), isNew: false },
      { ...newRows('b'), checkpoints: [podCheckpoint()] },
      { ...newRows('b'), deletes: [{ type, id, agent }] },
      { ...newRows('b'), relations: { added: [], removed: [] } },
    ];

    for (const unit of others) expect(await cache.commitBehind(unit)).toBeUndefined();
    await rival.query('ROLLBACK');
    await first;
    expect(await cache.commitBehind(newRows('b'))).toBeUndefined();
    expect(await names()).toEqual(['a', 'there']);
  });

  it('is waited for before the account is removed', async () => {
    const { first, second } = await commitBoth(newRows('b'));
    const removed = cache.removeAccount({ name: account.name, epoch: account.epoch });

    await rival.query('ROLLBACK');

    expect(await Promise.all([first, second])).toEqual([
      expect.objectContaining({ inserted: 1 }),
      expect.objectContaining({ inserted: 1 }),
    ]);
    await removed;
    expect(await names()).toEqual([]);
  });

  it('gives way when the one before wants a row of its own', async () => {
    await holdRow('a');
    const first = cache.commit(newRows('a', 'b'));
    await untilWaiting(1);
    const second = cache.commitBehind(newRows('b'));
    await untilWaiting(2);

    await rival.query('ROLLBACK');

    expect(await second).toBeUndefined();
    expect(await first).toMatchObject({ inserted: 2 });
    expect(await names()).toEqual(['a', 'b', 'there']);
  });

  it(
    'gives way also while it waits for the one before that',
    async () => {
      await using ends = new AsyncDisposableStack();
      const other = new pg.Client({ connectionString: database.url });
      await other.connect();
      ends.defer(() => other.end());
      await holdRow('a');
      await holdRow('b', other);
      const first = cache.commit(newRows('a'));
      await untilWaiting(1);
      const second = cache.commitBehind(newRows('b', 'c'));
      await untilWaiting(2);
      const third = cache.commitBehind(newRows('c'));
      await untilIdle(1);

      await other.query('ROLLBACK');
      // The server ends a session that is idle for half as long as another may wait for a lock.
      await untilIdle(0);
      await rival.query('ROLLBACK');

      expect(await third).toBeUndefined();
      expect(await Promise.all([first, second])).toMatchObject([{ inserted: 1 }, { inserted: 2 }]);
      expect(await names()).toEqual(['a', 'b', 'c', 'there']);
    },
    serverStartMs,
  );
});
