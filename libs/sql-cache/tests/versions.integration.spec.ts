// What a row says of its object, on every database: for rows as they were written, and for rows that
// somebody changed by hand.
import { openSqlCache, type SqlCache, type StoredVersion } from '../src/index.ts';
import { feedAccount, keysOf, podCheckpoint, type FedAccount } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`versions on ${target.name}`, () => describeVersions(target));
}

function describeVersions(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;
  let account: FedAccount;
  let accounts = 0;
  const table = 'cats_v1_pod';

  beforeAll(async () => {
    database = await target.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    accounts += 1;
    account = await feedAccount(cache, `acc${accounts}`);
  });

  const aPod = (name: string, more: Record<string, unknown> = {}, image = 'nginx') =>
    account.object({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'ns', uid: `uid-${name}`, resourceVersion: '5', ...more },
      spec: { containers: [{ image }] },
    });

  const versions = async (limit = 100): Promise<StoredVersion[]> => {
    const found: StoredVersion[] = [];
    const { type, agent } = account.pod();
    for (let afterId = ''; ;) {
      const ids = await cache.listIds({ type, agent, afterId, limit });
      found.push(...(await cache.versionsOf({ type, agent, ids })));
      if (ids.length < limit) return found;
      afterId = ids.at(-1) ?? '';
    }
  };

  const change = (id: string, set: string) =>
    database.query(`UPDATE ${table} SET ${set} WHERE id = '${id}'`);

  it('gives the version of each object, page by page', async () => {
    const pods = Array.from({ length: 7 }, (_, index) => aPod(`p${index}`));
    await cache.commit(account.unit({ upserts: pods }));

    const found = await versions(3);

    expect(found).toHaveLength(7);
    expect(found[2]).toEqual({
      id: pods[2]!.id,
      isSound: true,
      apiVersion: 'v1',
      uid: 'uid-p2',
      resourceVersion: '5',
    });
  });

  it('finds nothing in a table that nobody has made', async () => {
    const { agent } = account.pod();

    const page = await cache.versionsOf({ type: 'Ghost', agent, ids: ['none'] });

    expect(page).toEqual([]);
  });

  it('trusts no row whose body is not what its hash says', async () => {
    const pods = [aPod('body'), aPod('hash'), aPod('good')];
    await cache.commit(account.unit({ upserts: pods }));
    await change(pods[0]!.id, `body = replace(body, 'nginx', 'bitcoin')`);
    await change(pods[1]!.id, `body_hash = 'beef'`);

    const found = await versions();

    expect(found.map(({ isSound }) => isSound)).toEqual([false, true, false]);
  });

  it('reads bodies that the database itself does not take for JSON', async () => {
    const pods = [aPod('nul', { annotations: { note: 'a\u0000b' } }), aPod('plain')];
    await cache.commit(account.unit({ upserts: pods }));

    const found = await versions();

    expect(found.map(({ isSound, resourceVersion }) => [isSound, resourceVersion])).toEqual([
      [true, '5'],
      [true, '5'],
    ]);
  });

  it('takes a row with a body that is no object for unsound, hash or not', async () => {
    const pod = aPod('empty');
    await cache.commit(account.unit({ upserts: [pod] }));
    // SHA-256 of `{}`.
    const hash = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';
    await change(pod.id, `body = '{}', body_hash = '${hash}'`);

    expect((await versions())[0]?.isSound).toBe(false);
  });

  it('writes a distrusted row anew though the object has not changed', async () => {
    const pod = aPod('healed');
    await cache.commit(account.unit({ upserts: [pod] }));
    await change(pod.id, `body = replace(body, 'nginx', 'bitcoin')`);
    const without = await cache.commit(account.unit({ upserts: [pod] }));

    const distrusted = keysOf([pod]);
    const result = await cache.commit(account.unit({ distrusted, upserts: [pod] }));

    expect(without.unchanged).toBe(1);
    expect(result.updated).toBe(1);
    const body = await cache.getBody(pod.type, pod.id);
    expect(body?.equals(Buffer.from(pod.body))).toBe(true);
  });

  it('keeps the policy with the checkpoint', async () => {
    const told = podCheckpoint({ policy: 'abc' });
    await cache.commit(account.unit({ checkpoints: [told] }));
    const first = await cache.feeds(account.name);

    await cache.commit(account.unit({ checkpoints: [podCheckpoint()] }));
    const second = await cache.feeds(account.name);

    expect([first[0]?.policy, second[0]?.policy]).toEqual(['abc', '']);
  });

  it('keeps with the checkpoint what is newer than it', async () => {
    const ahead = 'x'.repeat(60_000);
    await cache.commit(account.unit({ checkpoints: [podCheckpoint({ ahead })] }));
    const first = await cache.feeds(account.name);

    await cache.commit(account.unit({ checkpoints: [podCheckpoint()] }));
    const second = await cache.feeds(account.name);

    expect([first[0]?.ahead, second[0]?.ahead]).toEqual([ahead, '']);
  });
}
