import { openSqlCache, type SqlCache } from '../src/index.ts';
import { feedAccount, type FedAccount } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

/** Names that collations put in an order of their own, or take for the same. */
const odd = ['Ähre', 'a.b', 'a-b', 'aB', 'ab', 'a:b', 'zz', 'a', 'B'];

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`reading objects on ${target.name}`, () => describeObjectReads(target));
}

function describeObjectReads(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;
  let east: FedAccount;
  let west: FedAccount;

  beforeAll(async () => {
    database = await target.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
    east = await feedAccount(cache, 'east');
    west = await feedAccount(cache, 'east_');
    for (const account of [east, west]) {
      const upserts = odd.flatMap((name) =>
        ['ns', 'ns_'].map((namespace) =>
          account.object({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } }),
        ),
      );
      await cache.commit(account.unit({ upserts }));
    }
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  const idsOf = async (limit: number, namespace?: string) => {
    const ids: string[] = [];
    for (;;) {
      const page = await cache.listObjectIds({
        ...{ type: 'configMap', agent: east.pod().agent, limit, afterId: ids.at(-1) ?? '' },
        ...(namespace === undefined ? {} : { namespace }),
      });
      ids.push(...page);
      if (page.length < limit) return ids;
    }
  };

  it.each([
    [undefined, 18],
    ['ns', 9],
    ['nothing', 0],
  ])('lists each id of the namespace %s once, in the order of bytes', async (namespace, count) => {
    const ids = await idsOf(4, namespace);

    const inOrder = [...ids].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(ids).toEqual(inOrder);
    expect(new Set(ids).size).toBe(count);
    expect(ids.filter((id) => !id.includes(':east:'))).toEqual([]);
  });

  it('reads rows by their ids, one agent’s and in the order that was asked for', async () => {
    const ids = (await idsOf(100, 'ns')).reverse();
    const missing = `${ids[0]!}-not`;
    const wanted = { type: 'configMap', agent: east.pod().agent, ids: [missing, ...ids] };

    const rows = await cache.bodiesOf(wanted);

    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(JSON.parse(rows[0]!.body.toString())).toMatchObject({ id: ids[0] });
    expect(await cache.bodiesOf({ ...wanted, agent: west.pod().agent })).toEqual([]);
  });
}
