/** Which statements PostgreSQL plans once for all calls: those that read nothing but their parameters. */
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { capturing, type SentStatement } from './captured-statements.ts';
import { serverStartMs, targets, testClock, type TestDatabase } from './targets.ts';
import { feedAccount, keysOf, podCheckpoint } from './units.ts';

const postgres = targets.find(({ name }) => name === 'postgres');
const describeHere = postgres?.isUnavailable === false ? describe : describe.skip;

interface Planned extends SentStatement {
  readonly isOnce: boolean;
}

/** The statements of each transaction, with the choice that is in force. */
function planned(sent: readonly SentStatement[]): readonly Planned[] {
  let isOnce = false;
  return sent.flatMap((statement) => {
    const { text, values } = statement;
    if (text === 'BEGIN') isOnce = false;
    if (!text.includes('plan_cache_mode')) return [{ ...statement, isOnce }];
    isOnce = values[0] === 'force_generic_plan';
    return [];
  });
}

describeHere('plans that are made once', () => {
  let database: TestDatabase;
  let cache: SqlCache;

  beforeAll(async () => {
    if (postgres === undefined) throw new Error('no PostgreSQL among the targets');
    database = await postgres.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  it('are those of inserts, and of nothing that reads a table', async () => {
    const account = await feedAccount(cache, 'acme');
    const web = account.replicaSet({ name: 'web-v001' });
    const pods = ['a', 'b'].map((name) => account.pod({ name, owners: ['ReplicaSet/web-v001'] }));

    const sent = await capturing(async () => {
      await cache.commit(account.unit({ upserts: pods, isNew: true }));
      await cache.commit(account.unit({ upserts: [web], checkpoints: [podCheckpoint()] }));
      await cache.commit(account.unit({ upserts: pods, deletes: keysOf([web]) }));
    });

    const statements = planned(sent);
    const inserts = statements.filter(({ text }) => /^\s*INSERT INTO "cats_/.test(text));
    expect(inserts.length).toBeGreaterThan(4);
    expect(inserts.filter(({ isOnce }) => !isOnce)).toEqual([]);
    for (const { text } of statements.filter(({ isOnce }) => isOnce)) {
      expect(text).toMatch(/^\s*(INSERT|COMMIT)/);
      expect(text.match(/\b(FROM|JOIN) \w+/g) ?? []).toEqual([]);
    }
  });

  it('serve any number of rows', async () => {
    const account = await feedAccount(cache, 'many');
    for (const [round, count] of [1, 700, 3, 1500, 0, 1].entries()) {
      const upserts = Array.from({ length: count }, (_, at) =>
        account.pod({ name: `x-${round}-${at}` }),
      );
      expect(await cache.commit(account.unit({ upserts, isNew: true }))).toMatchObject({
        inserted: count,
      });
    }
  });
});
