import { openSqlCache, type SqlCache } from '../src/index.ts';
import { feedAccount, type FedAccount } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`reading on ${target.name}`, () => describeReads(target));
}

function describeReads(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;
  let east: FedAccount;
  let west: FedAccount;

  beforeAll(async () => {
    database = await target.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
    east = await feedAccount(cache, 'east');
    west = await feedAccount(cache, 'west_1');
    for (const account of [east, west]) {
      const pods = ['a', 'b'].flatMap((namespace) =>
        Array.from({ length: 20 }, (_, index) =>
          account.pod({
            name: `web-${index}`,
            namespace,
            labels: { app: 'web', tier: index % 2 === 0 ? 'even' : 'odd' },
            annotations: { 'moniker.spinnaker.io/application': index < 5 ? 'shop' : 'other' },
          }),
        ),
      );
      const others = [
        account.replicaSet({ name: 'shop-v001', namespace: 'a' }),
        account.object({ kind: 'Namespace', apiVersion: 'v1', metadata: { name: 'a' } }),
        account.object({
          apiVersion: 'stable.example.com/v1',
          kind: 'CronTab',
          metadata: {
            annotations: { long: 'x'.repeat(5000) },
            name: 'nightly',
            namespace: 'a',
            resourceVersion: '77',
            uid: 'u-77',
          },
          spec: { big: 1 },
        }),
      ];
      await cache.commit(account.unit({ upserts: [...pods, ...others] }));
    }
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  const allIds = async (namespace?: string) => {
    const pages: string[][] = [];
    do {
      pages.push(
        await cache.listIds({
          type: 'pod',
          agent: west.pod().agent,
          ...(namespace === undefined ? {} : { namespace }),
          afterId: pages.at(-1)?.at(-1) ?? '',
          limit: 7,
        }),
      );
    } while (pages.at(-1)?.length === 7);
    return pages.flat();
  };

  it('lists each id of an agent once, page by page', async () => {
    const ids = await allIds();

    expect(ids).toHaveLength(40);
    expect(new Set(ids).size).toBe(40);
    expect(ids.every((id) => id.includes(':west_1:'))).toBe(true);
  });

  it('lists the ids of one namespace', async () => {
    const ids = await allIds('b');

    expect(ids).toHaveLength(20);
    expect(ids.every((id) => id.includes(':west_1:b:'))).toBe(true);
  });

  it('lists rows with their bodies, one agent’s and page by page', async () => {
    const agent = west.pod().agent;
    const page = { type: 'pod', agent, limit: 30 };

    const first = await cache.listBodies({ ...page, afterId: '' });
    const second = await cache.listBodies({ ...page, afterId: first.at(-1)?.id ?? '' });

    const rows = [...first, ...second];
    expect([first.length, second.length]).toEqual([30, 10]);
    expect(rows.map(({ id }) => id)).toEqual(await allIds());
    expect(rows.map(({ body }) => (JSON.parse(body.toString()) as { id: string }).id)).toEqual(
      rows.map(({ id }) => id),
    );
  });

  it('lists nothing of a type that has no table', async () => {
    const query = { type: 'volcano', agent: 'x', afterId: '', limit: 1 };

    expect(await cache.listIds(query)).toEqual([]);
    expect(await cache.listObjectIds(query)).toEqual([]);
    expect(await cache.bodiesOf({ ...query, ids: ['x'] })).toEqual([]);
    expect(await cache.listBodies(query)).toEqual([]);
    expect(await cache.getBody('volcano', 'x')).toBeUndefined();
    expect(await cache.getBody('pod', 'x')).toBeUndefined();
    expect(await cache.countAgentRows(query)).toBe(0);
  });

  it('counts the rows of one agent', async () => {
    const { type, agent } = west.pod();

    expect(await cache.countAgentRows({ type, agent })).toBe(40);
    expect(await cache.countAgentRows({ type: 'replicaSet', agent })).toBe(1);
    expect(await cache.countAgentRows({ type, agent: `${agent}x` })).toBe(0);
  });

  it('counts rows by type', async () => {
    expect(Object.fromEntries(await cache.countRows('east'))).toEqual({
      'CronTab.stable.example.com': 1,
      applications: 1,
      clusters: 1,
      namespace: 1,
      pod: 40,
      replicaSet: 1,
    });
  });

  const found = async (query: Parameters<SqlCache['search']>[0]) => {
    const names: string[] = [];
    let page = await cache.search(query);
    for (;;) {
      for (const item of page.items) names.push(`${item.account}/${item.namespace}/${item.name}`);
      if (page.continue === undefined) return names;
      page = await cache.search({ ...query, continue: page.continue });
    }
  };

  it.each([
    [{ kind: 'Pod' }, 80],
    [{ kind: 'pod', account: 'east' }, 40],
    [{ kind: 'pod', account: 'west_1', namespace: 'a' }, 20],
    [{ kind: 'PODS' }, 0],
    [{ name: 'web-3' }, 4],
    [{ q: 'WEB-1', account: 'east' }, 22],
    [{ application: 'shop', account: 'east' }, 11],
    [{ labelSelector: 'app=web,tier in (odd)', namespace: 'b' }, 20],
    [{ labelSelector: 'tier!=odd,app', kind: 'pod' }, 40],
    [{ namespace: '' }, 2],
    [{ kind: 'crontab' }, 2],
    [{ kind: 'crontab.stable.example.com', account: 'east' }, 1],
    [{ kind: 'ReplicaSet', application: 'shop' }, 2],
    [{ account: 'north' }, 0],
    [{ name: 'web_3' }, 0],
    [{}, 86],
  ])('finds with %j', async (query, count) => {
    const names = await found({ ...query, limit: 9 });

    expect(names).toHaveLength(count);
  });

  it('finds each object once over all pages', async () => {
    const names = await found({ kind: 'pod', limit: 3 });

    expect(new Set(names).size).toBe(80);
  });

  it('says what it has found', async () => {
    const { items } = await cache.search({ kind: 'replicaSet', account: 'east' });

    expect(items).toEqual([
      {
        account: 'east',
        kind: 'replicaSet',
        apiVersion: 'apps/v1',
        namespace: 'a',
        name: 'shop-v001',
        application: 'shop',
        cluster: 'shop',
        resourceVersion: '1',
        uid: 'uid-of-a-shop-v001',
        updatedAtMs: expect.any(Number),
        id: 'kubernetes.v2:infrastructure:replicaSet:east:a:shop-v001',
      },
    ]);
  });

  it('reads uid and version of an object that prints them late', async () => {
    const { items } = await cache.search({ kind: 'crontab', account: 'east' });

    expect(items).toMatchObject([{ resourceVersion: '77', uid: 'u-77' }]);
  });

  it('gives the manifest when asked for it', async () => {
    const query = { kind: 'crontab', account: 'east', manifest: 'include' as const };

    const { items } = await cache.search(query);

    const manifest = JSON.parse(Buffer.from(items[0]!.manifest!).toString()) as object;
    expect(manifest).toMatchObject({ kind: 'CronTab', spec: { big: 1 } });
  });

  it.each([
    [{ labelSelector: 'a=b=c' }],
    [{ labelSelector: 'a in b' }],
    [{ continue: 'not ours' }],
  ])('refuses %j', async (query) => {
    await expect(cache.search(query)).rejects.toMatchObject({ code: 'invalidOptions' });
  });
}
