/**
 * How the databases run the statements that are run all the time, with a million rows of objects and
 * relations: each must find its rows by an index, with statistics and (after a fresh fill) without.
 */
import pg from 'pg';
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { capturing, type SentStatement } from './captured-statements.ts';
import { startLargeDatabase } from './large-databases.ts';
import { fillTables, nameOf, otherAccount, someAccount } from './million-rows.ts';
import {
  explainMysql,
  explainPostgres,
  explainSqlite,
  type Access,
  type Explain,
} from './plans.ts';
import { aDeadLetter, feedAccount, keysOf, podCheckpoint, type FedAccount } from './units.ts';
import { targets, testClock, type Target, type TestDatabase } from './targets.ts';

/** Filling takes most of it: a quarter of a minute a database. */
const slowMs = 300_000;

/** Something that is done all the time, and by which columns it may find its rows. */
interface Operation {
  readonly name: string;
  run(cache: SqlCache, account: FedAccount): Promise<unknown>;
  readonly by: Readonly<Record<string, readonly string[]>>;
}

const agent = `${someAccount}/KubernetesCoreCachingAgent[1/1]`;
const pods = { type: 'pod', agent, afterId: '', limit: 100 };
/** `(page)`: an index in the wanted order, left after a page. */
const inPages = { cats_v1_pod: ['id', 'agent', '(page)'] };

const operations: readonly Operation[] = [
  {
    name: 'a unit',
    run: async (cache, account) => {
      const set = 'ReplicaSet/x-0000105';
      const changed = Array.from({ length: 150 }, (_, at) =>
        account.pod({ name: `x-${String(at * 100 + 50).padStart(7, '0')}`, owners: [set] }),
      );
      const web = account.replicaSet({ name: 'web-v001' });
      const rows = [...changed.slice(0, 50), web];
      const put = [aDeadLetter(account)];
      await cache.commit(account.unit({ upserts: rows, deadLetters: { put, cleared: [] } }));
      await cache.commit(
        account.unit({
          upserts: changed.slice(50),
          deletes: keysOf(rows),
          distrusted: keysOf(changed),
          checkpoints: [podCheckpoint()],
          retired: [podCheckpoint({ namespace: '0000050' })],
          deadLetters: { put, cleared: ['0000050', '0000150'] },
        }),
      );
    },
    by: {
      cats_v1_pod: ['id'],
      cats_v1_replicaset_rel: ['uuid', 'id'],
      cats_v1_clusters_rel: ['uuid', 'id'],
      fairlead_feeds: ['account'],
      fairlead_dead_letters: ['id'],
    },
  },
  {
    name: 'a sweep',
    run: async (cache) => {
      const [, last = ''] = await cache.listIds(pods);
      await cache.listIds({ ...pods, afterId: last, namespace: 'prod' });
      await cache.listBodies(pods);
      await cache.versionsOf({ ...pods, ids: await cache.listIds(pods) });
    },
    by: inPages,
  },
  {
    name: 'a count before a sweep',
    run: (cache) => cache.countAgentRows(pods),
    by: { cats_v1_pod: ['agent'] },
  },
  {
    name: 'a read from the cache',
    run: async (cache) => {
      const page = { ...pods, limit: 10_000 };
      const [first = '', last = ''] = await cache.listObjectIds(page);
      await cache.listObjectIds({ ...page, afterId: last, namespace: 'prod' });
      await cache.bodiesOf({ ...pods, ids: [first, last] });
    },
    // MySQL finds the ids by their prefix; the others by the agent.
    by: { cats_v1_pod: ['id', 'agent'] },
  },
  {
    name: 'a search',
    run: async (cache) => {
      const limit = 10;
      await cache.search({ kind: 'pod', limit });
      await cache.search({ kind: 'pod', account: someAccount, limit });
      await cache.search({ kind: 'pod', account: someAccount, namespace: 'prod', limit });
      const name = 'x-0005050';
      const page = { kind: 'pod', account: someAccount, namespace: 'prod', name, limit: 1 };
      await cache.search({ ...page, manifest: 'include' });
      await cache.getBody('pod', `kubernetes.v2:infrastructure:pod:${someAccount}:prod:${name}`);
    },
    by: inPages,
  },
  {
    name: 'a take-over',
    run: async (cache) => {
      await cache.feeds(someAccount);
      await cache.deadLetters.list({ account: someAccount, limit: 1000 });
      await cache.agentLocks.hold({ agents: [`${someAccount}/0000050`], owner: 'me', ms: 1000 });
    },
    by: {
      fairlead_feeds: ['account'],
      fairlead_dead_letters: ['account'],
      cats_agent_locks: ['agent_name'],
    },
  },
  {
    name: 'a look at dead letters',
    run: async (cache) => {
      const [, last] = await cache.deadLetters.list({ limit: 100 });
      await cache.deadLetters.list({ limit: 100, ...(last && { after: last }) });
      await cache.deadLetters.list({
        account: someAccount,
        limit: 100,
        ...(last && { after: last }),
      });
      await cache.deadLetters.get('0000250');
    },
    by: { fairlead_dead_letters: ['account', 'id', '(page)'] },
  },
  {
    name: 'a removal',
    run: async (cache) => {
      const { epoch } = await feedAccount(cache, otherAccount);
      await cache.removeAccount({ name: otherAccount, epoch, chunkRows: 5000 });
    },
    by: {
      cats_v1_pod: ['agent', 'rowid'],
      cats_v1_replicaset_rel: ['rel_agent', 'rowid'],
      cats_v1_clusters_rel: ['rel_agent', 'rowid'],
      fairlead_feeds: ['account'],
      fairlead_dead_letters: ['id', 'account'],
    },
  },
];

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`a million rows on ${target.name}`, () => describeStatements(target));
}

function describeStatements(target: Target): void {
  let database: TestDatabase;
  let explain: Explain;
  let release: () => Promise<void> = () => Promise.resolve();
  const sent = new Map<string, readonly SentStatement[]>();

  beforeAll(async () => {
    database = await startLargeDatabase(target.name);
    const options = { url: database.url, schema: 'standalone', clock: testClock } as const;
    const cache = await openSqlCache(options);
    await cache.ready();
    const account = await feedAccount(cache, someAccount);
    await makeTables(database, cache, account);
    await fillTables(database, target);
    ({ explain, release } = await explainerOf(target, database.url));
    for (const { name, run } of operations) {
      sent.set(name, onceEach(await capturing(() => run(cache, account))));
    }
    await cache.close();
  }, slowMs);

  afterAll(async () => {
    await release();
    await database[Symbol.asyncDispose]();
  });

  const wrongPlans = async ({ name, by }: Operation): Promise<readonly string[]> => {
    const wrong: string[] = [];
    for (const statement of sent.get(name) ?? []) {
      for (const { table, columns } of await explain(statement)) {
        const allowed = by[table.toLowerCase()];
        if (allowed === undefined && !isLarge(table)) continue;
        if (columns.some((column) => allowed?.includes(column))) continue;
        wrong.push(`${table} by [${columns.join(', ')}]: ${statement.text.slice(0, 500)}`);
      }
    }
    return wrong;
  };

  describe('before they were counted', () => {
    it.each(operations)('finds what $name needs by an index', async (operation) => {
      expect(sent.get(operation.name)?.length).toBeGreaterThan(0);
      expect(await wrongPlans(operation)).toEqual([]);
    });
  });

  describe('with statistics', () => {
    beforeAll(async () => {
      for (const statement of analyzing(target)) await database.query(statement);
    }, slowMs);

    it.each(operations)('finds what $name needs by an index', async (operation) => {
      expect(await wrongPlans(operation)).toEqual([]);
    });
  });

  it('would notice a statement that reads a whole table', async () => {
    const text = `SELECT id FROM ${nameOf(target, 'cats_v1_pod')} WHERE last_updated + 1 = 7`;
    const whole: Access = { table: nameOf(target, 'cats_v1_pod'), columns: [] };

    expect(await explain({ text, values: [] })).toEqual([whole]);
  });
}

const largeTables: ReadonlySet<string> = new Set([
  ...['cats_v1_pod', 'cats_v1_replicaset_rel', 'cats_v1_clusters_rel', 'cats_agent_locks'],
  ...['fairlead_feeds', 'fairlead_dead_letters'],
]);

function isLarge(table: string): boolean {
  return largeTables.has(table.toLowerCase());
}

/** The tables of the types that are filled, as the cache makes them, and Clouddriver's locks. */
async function makeTables(
  database: TestDatabase,
  cache: SqlCache,
  account: FedAccount,
): Promise<void> {
  const pod = account.pod({ owners: ['ReplicaSet/web-v000'] });
  const set = account.replicaSet({ name: 'web-v000' });
  await cache.commit(account.unit({ upserts: [pod, set] }));
  await cache.commit(account.unit({ deletes: keysOf([pod, set]) }));
  await database.query(`CREATE TABLE cats_agent_locks (agent_name varchar(255) NOT NULL PRIMARY KEY,
    owner_id varchar(255) NOT NULL, lock_acquired bigint NOT NULL, lock_expiry bigint NOT NULL)`);
}

/** Statements that read or change rows, each text once. */
function onceEach(statements: readonly SentStatement[]): readonly SentStatement[] {
  const relevant = statements.filter(({ text }) => /^\s*(select|insert|update|delete)/i.test(text));
  return [...new Map(relevant.map((statement) => [statement.text, statement])).values()].filter(
    ({ text }) => /cats_|fairlead_/.test(text),
  );
}

async function explainerOf(
  { name }: Target,
  url: string,
): Promise<{ explain: Explain; release: () => Promise<void> }> {
  if (name === 'mysql') return { explain: explainMysql(url), release: () => Promise.resolve() };
  if (name === 'sqlite') {
    return {
      explain: explainSqlite(url.slice(url.indexOf(':') + 1)),
      release: () => Promise.resolve(),
    };
  }
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return { explain: explainPostgres(client), release: () => client.end() };
}

function analyzing(target: Target): readonly string[] {
  if (target.name !== 'mysql') return ['ANALYZE'];
  return ['cats_v1_pod', 'cats_v1_replicaSet_rel', 'cats_v1_clusters_rel', 'fairlead_feeds']
    .concat(['fairlead_dead_letters', 'cats_agent_locks'])
    .map((table) => `ANALYZE TABLE ${table}`);
}
