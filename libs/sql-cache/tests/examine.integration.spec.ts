/** What looking at a database tells of the rights of its user, and that it leaves nothing behind. */
import { randomUUID } from 'node:crypto';
import { examineDatabase, openSqlCache, type DatabaseFacts } from '../src/index.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets.filter(({ name }) => name !== 'sqlite')) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`a look at ${target.name}`, () => describeLook(target));
}

/** A user who may only look, as each dialect makes one. */
function makeReader(target: Target, user: string, databaseName: string): string[] {
  if (target.name === 'mysql') {
    return [
      `CREATE USER ${user} IDENTIFIED BY 'a'`,
      `GRANT SELECT ON ${databaseName}.* TO ${user}`,
    ];
  }
  return [
    `CREATE ROLE ${user} LOGIN PASSWORD 'a'`,
    `GRANT SELECT ON ALL TABLES IN SCHEMA public TO ${user}`,
    `REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
    `CREATE ROLE ${user}_owner`,
    `ALTER TABLE cats_v1_resource_template OWNER TO ${user}_owner`,
  ];
}

function describeLook(target: Target): void {
  const user = `r${randomUUID().slice(0, 8)}`;
  let database: TestDatabase;

  beforeAll(async () => {
    database = await target.create();
    const cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
    await cache.close();
  }, serverStartMs);

  afterAll(async () => {
    const forget =
      target.name === 'mysql'
        ? [`DROP USER ${user}`]
        : [`DROP OWNED BY ${user}, ${user}_owner`, `DROP ROLE ${user}, ${user}_owner`];
    for (const sql of forget) await database.query(sql);
    await database[Symbol.asyncDispose]();
  });

  const tables = async () => {
    const schema = target.name === 'mysql' ? 'database()' : 'current_schema()';
    const sql = `SELECT table_name AS name FROM information_schema.tables
      WHERE table_schema = ${schema} ORDER BY 1`;
    return (await database.query(sql)).map(({ name }) => name);
  };

  const look = async (url = database.url): Promise<DatabaseFacts> => {
    const examination = await examineDatabase({ url, schema: 'standalone' });
    if (examination.kind !== 'examined') throw new Error(examination.detail);
    return examination.facts;
  };

  it('finds nothing wrong where the user may do everything, and changes nothing', async () => {
    const before = await tables();

    const facts = await look();

    expect(facts).toMatchObject({
      dialect: target.name,
      missingTemplates: [],
      hasAgentLocks: false,
      hasAccounts: false,
      refused: [],
      shutOutOwner: '',
      takesAllCharacters: true,
    });
    expect(Math.abs(facts.nowMs - Date.now())).toBeLessThan(60_000);
    expect(await tables()).toEqual(before);
  });

  it('names everything that a user who may only look may not do', async () => {
    const url = new URL(database.url);
    const name = url.pathname.slice(1);
    for (const sql of makeReader(target, user, name)) await database.query(sql);
    [url.username, url.password] = [user, 'a'];

    const facts = await look(url.href);

    const tasks = facts.refused.map(({ task }) => task);
    expect(new Set(tasks)).toEqual(
      new Set([
        ...['insert rows', 'update rows', 'delete rows'],
        ...['create tables', 'change its own tables'],
      ]),
    );
    const inserting = facts.refused.find(({ task }) => task === 'insert rows');
    expect(inserting?.tables).toContain('fairlead_accounts');
    expect(facts.shutOutOwner).toBe(target.name === 'postgres' ? `${user}_owner` : '');
  });

  it('tells a wrong password from a server that is not there', async () => {
    const wrong = new URL(database.url);
    wrong.password = 'not-the-password';
    const nowhere = new URL(database.url);
    nowhere.port = '1';

    const [refused, unreachable] = await Promise.all(
      [wrong, nowhere].map(({ href }) => examineDatabase({ url: href, schema: 'standalone' })),
    );

    expect(refused).toMatchObject({ kind: 'refused', reason: 'accessDenied' });
    expect(JSON.stringify(refused)).not.toContain('not-the-password');
    expect(unreachable).toMatchObject({ kind: 'unreachable', reason: 'connectionRefused' });
  });
}
