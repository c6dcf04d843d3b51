// Tables of Clouddriver's own that are not its cache: account definitions and locks on its agents.
// They are made here as its migrations make them, except that SQLite never sees a Clouddriver.
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { feedAccount } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`Clouddriver's own tables on ${target.name}`, () => describeTables(target));
}

const definitionTables = (json: string) => [
  `CREATE TABLE accounts (id varchar(255) PRIMARY KEY, type varchar(50) NOT NULL,
     body ${json} NOT NULL, created_at bigint NOT NULL, last_modified_at bigint NOT NULL,
     last_modified_by varchar(255) NOT NULL)`,
  `CREATE TABLE accounts_history (id varchar(255) NOT NULL, type varchar(50), body ${json},
     last_modified_at bigint NOT NULL, version int NOT NULL,
     is_deleted boolean NOT NULL DEFAULT false, PRIMARY KEY (id, version))`,
];

const lockTable = `CREATE TABLE cats_agent_locks (agent_name varchar(500) PRIMARY KEY,
  owner_id varchar(255) NOT NULL, lock_acquired bigint NOT NULL, lock_expiry bigint NOT NULL)`;

/** `jsonb` loses the order of keys, `text` is what MariaDB has. */
const jsonTypes = { postgres: 'jsonb', mysql: 'json', sqlite: 'text' } as const;

function describeTables(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;

  beforeEach(async () => {
    database = await target.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
  }, serverStartMs);

  afterEach(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  const body = (name: string, kinds: readonly string[] = []) => ({
    ...{ type: 'kubernetes', name, kinds },
    permissions: { READ: ['team-a'] },
  });

  describe('definitions of accounts', () => {
    const makeTables = async () => {
      for (const text of definitionTables(jsonTypes[target.name])) await database.query(text);
    };
    const stored = async () => {
      const rows = await database.query('SELECT id, type, body, last_modified_by FROM accounts');
      return rows.map(({ body: json, ...row }) => ({
        ...row,
        body: typeof json === 'string' ? JSON.parse(json) : json,
      }));
    };
    const versions = async () => {
      const rows = await database.query(
        'SELECT version, is_deleted FROM accounts_history ORDER BY version',
      );
      return rows.map(({ version, is_deleted: isDeleted }) => [
        Number(version),
        Boolean(isDeleted),
      ]);
    };

    it('are written, changed and removed with their history', async () => {
      await makeTables();
      const { name, epoch } = await feedAccount(cache, 'a');

      const outcomes = [
        await cache.definitions.put({ name, epoch, body: body(name) }),
        await cache.definitions.put({ name, epoch, body: body(name) }),
        await cache.definitions.put({ name, epoch, body: body(name, ['pod']) }),
      ];
      const whileThere = await stored();
      const removed = await cache.definitions.remove({ name, epoch });
      const removedAgain = await cache.definitions.remove({ name, epoch });

      expect(outcomes).toEqual(['created', 'unchanged', 'changed']);
      expect(whileThere).toEqual([
        { id: 'a', type: 'kubernetes', body: body('a', ['pod']), last_modified_by: 'fairlead' },
      ]);
      expect([removed, removedAgain]).toEqual(['changed', 'unchanged']);
      expect(await stored()).toEqual([]);
      expect(await versions()).toEqual([
        [1, false],
        [2, false],
        [3, true],
      ]);
    });

    it('of others are left alone', async () => {
      await makeTables();
      const { name, epoch } = await feedAccount(cache, 'a');
      await database.query(
        `INSERT INTO accounts VALUES ('a', 'kubernetes', '{"name":"a"}', 1, 1, 'somebody')`,
      );

      const put = await cache.definitions.put({ name, epoch, body: body(name) });
      const removed = await cache.definitions.remove({ name, epoch });

      expect([put, removed]).toEqual(['foreign', 'foreign']);
      expect(await stored()).toMatchObject([{ body: { name: 'a' }, last_modified_by: 'somebody' }]);
      expect(await versions()).toEqual([]);
    });

    it('are written by the account’s feeder alone', async () => {
      await makeTables();
      const { name, epoch } = await feedAccount(cache, 'a');
      await feedAccount(cache, 'a');

      const put = cache.definitions.put({ name, epoch, body: body(name) });

      await expect(put).rejects.toMatchObject({ code: 'fenced' });
      expect(await stored()).toEqual([]);
    });

    it('have no table before Clouddriver has made it', async () => {
      const { name, epoch } = await feedAccount(cache, 'a');

      const outcome = await cache.definitions.put({ name, epoch, body: body(name) });

      expect(outcome).toBe('noTable');
    });
  });

  describe('locks on agents', () => {
    const locks = async () => {
      const rows = await database.query(
        'SELECT agent_name, owner_id, lock_expiry FROM cats_agent_locks ORDER BY agent_name',
      );
      return rows.map((row) => [
        row.agent_name,
        row.owner_id,
        Number(row.lock_expiry) > Date.now(),
      ]);
    };

    const hold = (agents: readonly string[], owner = 'fairlead') =>
      cache.agentLocks.hold({ agents, owner, ms: 60_000 });

    it('are taken from whoever holds them, and prolonged', async () => {
      await database.query(lockTable);
      await database.query(`INSERT INTO cats_agent_locks VALUES ('b', 'a clouddriver', 1, 2)`);

      await hold(['b', 'a']);
      const outcome = await hold(['a'], 'other');

      expect(outcome).toEqual({ kind: 'held', disturbed: ['a'] });
      expect(await locks()).toEqual([
        ['a', 'other', true],
        ['b', 'fairlead', true],
      ]);
    });

    it('are told from those that Clouddriver has changed meanwhile', async () => {
      await database.query(lockTable);
      const agents = ['ended', 'forgotten', 'kept', 'taken'];
      await hold(agents);
      await database.query(`UPDATE cats_agent_locks SET lock_expiry = lock_expiry + 1
        WHERE agent_name = 'ended'`);
      await database.query(`DELETE FROM cats_agent_locks WHERE agent_name = 'forgotten'`);
      await database.query(`UPDATE cats_agent_locks SET owner_id = 'a clouddriver'
        WHERE agent_name = 'taken'`);

      const outcomes = [await hold(agents), await hold(agents)];

      expect(outcomes).toEqual([
        { kind: 'held', disturbed: ['ended', 'forgotten', 'taken'] },
        { kind: 'held', disturbed: [] },
      ]);
      expect(await locks()).toEqual(agents.map((agent) => [agent, 'fairlead', true]));
    });

    it('have no table before Clouddriver has made it', async () => {
      const outcome = await cache.agentLocks.hold({ agents: ['a'], owner: 'fairlead', ms: 1 });

      expect(outcome).toEqual({ kind: 'noTable' });
    });
  });
}
