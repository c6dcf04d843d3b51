import { createHash } from 'node:crypto';
import { openSqlCache, type SqlCache, type SqlCacheOptions } from '../src/index.ts';
import { startMigration } from './migration-process.ts';
import { feedAccount, keysOf } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`the schema on ${target.name}`, () => describeSchema(target));
}

function describeSchema(target: Target): void {
  let database: TestDatabase;
  const opened: SqlCache[] = [];

  beforeEach(async () => {
    database = await target.create();
  }, serverStartMs);

  afterEach(async () => {
    for (const cache of opened.splice(0)) await cache.close();
    await database[Symbol.asyncDispose]();
  });

  const open = async (options: Partial<SqlCacheOptions> = {}) => {
    const cache = await openSqlCache({
      url: database.url,
      schema: 'standalone',
      clock: testClock,
      ...options,
    });
    opened.push(cache);
    return cache;
  };

  it('is made once by several that start at the same time', async () => {
    const caches = await Promise.all([open(), open(), open()]);

    await Promise.all(caches.map((cache) => cache.ready()));

    const applied = await database.query('SELECT name FROM fairlead_migrations');
    expect(applied.map(({ name }) => name)).toEqual([
      '001-accounts-feeds-types',
      '002-dead-letters',
      '003-feed-policies',
      '004-bridges',
      '005-rows-ahead',
      '006-bridge-doors',
      '007-commit-counts',
    ]);
  });

  it('is made once by several processes, whichever of them dies on the way', async () => {
    const doomed = [startMigration(database.url), startMigration(database.url)];
    const others = [startMigration(database.url), startMigration(database.url)];
    for (const each of doomed) {
      await each.isReady;
      each.kill();
    }

    expect(await Promise.all(others.map((each) => each.code))).toEqual([0, 0]);
    const applied = await database.query('SELECT name FROM fairlead_migrations');
    const names = applied.map(({ name }) => String(name));
    expect(names).toEqual([...new Set(names)].sort());
  });

  it('is migrated even though another process died while migrating', async () => {
    await (await open()).ready();
    await database.query(
      `UPDATE fairlead_migrations_lock SET is_locked = 1 ${
        target.name === 'mysql' ? '' : 'RETURNING is_locked'
      }`,
    );

    await expect((await open()).ready()).resolves.toBeUndefined();
  });

  it('is left alone when a newer release has migrated it', async () => {
    await (await open()).ready();
    await database.query(
      `INSERT INTO fairlead_migrations (name, batch) VALUES ('999-from-the-future', 2)`,
    );

    await expect((await open()).ready()).rejects.toMatchObject({ code: 'schemaTooNew' });
  });

  it('keeps to the table namespace', async () => {
    const cache = await open({ tableNamespace: 'blue' });
    await cache.ready();
    const account = await feedAccount(cache, 'a');
    const pod = account.pod();

    await cache.commit(account.unit({ upserts: [pod] }));

    expect(await database.query('SELECT id FROM cats_v1_blue_pod')).toEqual([{ id: pod.id }]);
  });

  if (target.name === 'sqlite') {
    it('is ours even if the options say otherwise, since Clouddriver cannot share it', async () => {
      const cache = await open({ schema: 'clouddriver' });

      await expect(cache.ready()).resolves.toBeUndefined();
    });
    return;
  }

  if (target.name === 'postgres') {
    it('compresses bodies with lz4 where the server can', async () => {
      const cache = await open();
      await cache.ready();
      const account = await feedAccount(cache, 'a');
      await cache.commit(account.unit({ upserts: [account.pod()] }));
      const [server] = await database.query(`SELECT
        current_setting('server_version_num')::int >= 140000 AND setting LIKE '%with-lz4%' AS lz4
        FROM pg_config WHERE name = 'CONFIGURE'`);

      const [column] = await database.query(`SELECT to_jsonb(a) ->> 'attcompression' AS method
        FROM pg_attribute AS a WHERE attrelid = 'cats_v1_pod'::regclass AND attname = 'body'`);

      expect(column?.method === 'l').toBe(server?.lz4);
    });

    it('keeps an object of a few kilobytes in its row, compressed', async () => {
      const cache = await open();
      await cache.ready();
      const account = await feedAccount(cache, 'a');
      const noise = Array.from({ length: 28 }, (_, at) =>
        createHash('sha384').update(String(at)).digest('base64'),
      );
      const pod = account.pod({ spec: { noise, rest: ' '.repeat(1500) } });

      await cache.commit(account.unit({ upserts: [pod] }));

      expect(pod.body.byteLength).toBeGreaterThan(3500);
      const [beside] = await database.query(`SELECT pg_relation_size(reltoastrelid) AS bytes
        FROM pg_class WHERE oid = 'cats_v1_pod'::regclass`);
      expect(Number(beside?.bytes)).toBe(0);
    });
  }

  it('waits for the templates of Clouddriver, and says so', async () => {
    const reasons: string[] = [];
    const made = Promise.withResolvers<undefined>();
    const observer = {
      waiting: (reason: string) => {
        if (reasons.push(reason) === 2) made.resolve(undefined);
      },
    };
    const waiting = (await open({ schema: 'clouddriver', observer })).ready();
    await made.promise;

    await (await open()).ready();
    await waiting;

    expect(reasons[0]).toBe(
      'Clouddriver has not made cats_v1_resource_template and cats_v1_rel_template yet',
    );
  });

  it('waits until the migrations of the templates have come to their end', async () => {
    for (const text of unfinishedTables) await database.query(text);
    const controller = new AbortController();
    const reasons: string[] = [];
    const observer = {
      waiting: (reason: string) => {
        reasons.push(reason);
        controller.abort();
      },
    };
    const cache = await open({ schema: 'clouddriver', observer });

    await expect(cache.ready(controller.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(reasons).toEqual([
      'Clouddriver has not made cats_v1_resource_template and cats_v1_rel_template yet',
    ]);
  });

  it('stops waiting when told to', async () => {
    const controller = new AbortController();
    const observer = { waiting: () => controller.abort() };
    const cache = await open({ schema: 'clouddriver', observer });

    await expect(cache.ready(controller.signal)).rejects.toMatchObject({ code: 'aborted' });
  });

  it('waits for a server that does not answer, and says so', async () => {
    const controller = new AbortController();
    const reasons: string[] = [];
    const url = new URL(database.url);
    url.port = '1';
    const observer = {
      waiting: (reason: string) => {
        reasons.push(reason);
        controller.abort();
      },
    };
    const cache = await open({ url: url.href, observer });

    await expect(cache.ready(controller.signal)).rejects.toMatchObject({ code: 'aborted' });
    expect(reasons).toEqual(['database: connectionRefused']);
  });

  it('waits when the password is wrong, and does not tell it', async () => {
    const controller = new AbortController();
    const reasons: string[] = [];
    const url = new URL(database.url);
    url.password = 'not-the-password';
    const observer = {
      waiting: (reason: string) => {
        reasons.push(reason);
        controller.abort();
      },
    };
    const cache = await open({ url: url.href, observer });

    const error: unknown = await cache.ready(controller.signal).catch((thrown: unknown) => thrown);

    expect(reasons).toEqual(['database: accessDenied']);
    expect(String(error)).not.toContain('not-the-password');
  });

  it('serves rows that Clouddriver itself has written under the same agent', async () => {
    const cache = await open();
    await cache.ready();
    const account = await feedAccount(cache, 'handed-over');
    const set = account.replicaSet({ name: 'web-v001' });
    await cache.commit(account.unit({ upserts: [set] }));
    const table = target.name === 'postgres' ? 'cats_v1_replicaset' : 'cats_v1_replicaSet';
    const body = JSON.stringify({
      id: set.id,
      ttlSeconds: -1,
      attributes: { name: 'web-v001', manifest: { metadata: { name: 'web-v001' } } },
      relationships: { clusters: ['kubernetes.v2:logical:clusters:handed-over:web:web'] },
    });
    await database.query(`UPDATE ${table} SET body_hash = 'theirs', body = '${body}'`);

    const updated = await cache.commit(account.unit({ upserts: [set] }));
    const deleted = await cache.commit(account.unit({ deletes: keysOf([set]) }));

    expect([updated.updated, deleted.deleted]).toEqual([1, 1]);
    expect(await cache.countRows('handed-over')).toEqual(new Map());
  });
}

/** The templates as the first of Clouddriver's migrations make them. */
const unfinishedTables = [
  `CREATE TABLE cats_v1_resource_template (id varchar(255), agent varchar(127),
     body_hash char(64), body text, last_updated bigint)`,
  `CREATE TABLE cats_v1_rel_template (uuid char(26), id varchar(255), rel_id varchar(255),
     rel_agent varchar(127), rel_type varchar(64), last_updated bigint)`,
];
