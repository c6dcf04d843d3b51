import { createHash } from 'node:crypto';
import { projectObject, SelectionIndex } from '@fairlead/clouddriver-model';
import { waitUntil } from '@fairlead/testbed';
import { openSqlCache, type SqlCache } from '../src/index.ts';
import { feedAccount, fedAccount, keysOf, podCheckpoint } from './units.ts';
import { serverStartMs, targets, testClock, type Target, type TestDatabase } from './targets.ts';

for (const target of targets) {
  const describeHere = target.isUnavailable ? describe.skip : describe;
  describeHere(`commit on ${target.name}`, () => describeCommit(target));
}

function describeCommit(target: Target): void {
  let database: TestDatabase;
  let cache: SqlCache;

  beforeAll(async () => {
    database = await target.create();
    cache = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await cache.ready();
  }, serverStartMs);

  afterAll(async () => {
    await cache.close();
    await database[Symbol.asyncDispose]();
  });

  const table = (type: string) =>
    target.name === 'postgres' ? `cats_v1_${type}`.toLowerCase() : `cats_v1_${type}`;
  const rowsOf = (type: string, account: string) =>
    database.query(`SELECT * FROM ${table(type)} WHERE agent LIKE '${account}/%' ORDER BY id`);
  const relationsOf = (type: string, account: string) =>
    database.query(
      `SELECT id, rel_id, rel_type FROM ${table(`${type}_rel`)}
       WHERE rel_agent LIKE '%:${account}/%' ORDER BY id, rel_id`,
    );

  it('stores the row as Clouddriver would, the manifest byte for byte', async () => {
    const account = await feedAccount(cache, 'bytes');
    const manifest =
      '{"kind":"Pod","apiVersion":"v1","metadata":{"namespace":"prod","name":"p","uid":"u",' +
      '"resourceVersion":"7"},"spec":{"big":9007199254740993,"text":"ä€😀\\u0000\\\\","z":1,"a":2}}';
    const pod = projectObject(Buffer.from(manifest), { account: account.name });

    const result = await cache.commit(account.unit({ upserts: [pod] }));

    expect(result).toMatchObject({ inserted: 1, updated: 0, unchanged: 0, deleted: 0 });
    const [row] = await rowsOf('pod', 'bytes');
    expect(row).toMatchObject({
      id: 'kubernetes.v2:infrastructure:pod:bytes:prod:p',
      agent: 'bytes/KubernetesCoreCachingAgent[1/1]',
      application: null,
    });
    expect(row?.body).toContain(`"manifest":${manifest}}}`);
    expect(row?.body_hash).toBe(
      createHash('sha256')
        .update(row?.body as string)
        .digest('hex'),
    );
    expect(await cache.getBody('pod', pod.id)).toEqual(Buffer.from(pod.body));
  });

  it('counts what is new, what has changed and what is as it was', async () => {
    const account = await feedAccount(cache, 'counts');
    const [one, two] = [account.pod({ name: 'one' }), account.pod({ name: 'two' })];
    await cache.commit(account.unit({ upserts: [one, two] }));
    const newer = account.pod({ name: 'two', resourceVersion: '2' });
    const three = account.pod({ name: 'three' });

    const result = await cache.commit(account.unit({ upserts: [one, newer, three] }));

    expect(result).toEqual({
      inserted: 1,
      updated: 1,
      unchanged: 1,
      deleted: 0,
      retries: 0,
    });
    expect(await cache.getBody('pod', two.id)).toEqual(Buffer.from(newer.body));
  });

  describe('of rows that are believed to be new', () => {
    const owners = ['ReplicaSet/web-v001'];

    it('writes what it writes of others', async () => {
      const [told, untold] = [await feedAccount(cache, 'new-a'), await feedAccount(cache, 'old-a')];
      const rowsIn = ({ name, pod, replicaSet }: typeof told) => ({
        upserts: [
          pod({ name: 'one', owners }),
          pod({ name: 'two' }),
          replicaSet({ name: 'web-v001' }),
        ],
        checkpoints: [podCheckpoint({ resourceVersion: name })],
      });

      const result = await cache.commit(told.unit({ ...rowsIn(told), isNew: true }));
      await cache.commit(untold.unit(rowsIn(untold)));

      expect(result).toMatchObject({ inserted: 3, updated: 0, unchanged: 0, deleted: 0 });
      const asOld = (value: unknown) => JSON.stringify(value).replaceAll('new-a', 'old-a');
      for (const type of ['replicaSet', 'applications', 'clusters']) {
        expect(asOld(await relationsOf(type, 'new-a'))).toBe(
          JSON.stringify(await relationsOf(type, 'old-a')),
        );
      }
      expect(await relationsOf('replicaSet', 'new-a')).toHaveLength(1);
      expect(await cache.countRows('new-a')).toEqual(await cache.countRows('old-a'));
      expect((await cache.feeds('new-a'))[0]?.resourceVersion).toBe('new-a');
    });

    it('counts and replaces those that are stored after all', async () => {
      const account = await feedAccount(cache, 'new-b');
      const same = account.pod({ name: 'same' });
      const before = account.pod({ name: 'changed', owners });
      await cache.commit(account.unit({ upserts: [same, before] }));
      const changed = account.pod({ name: 'changed', resourceVersion: '2' });
      const upserts = [same, changed, account.pod({ name: 'new', owners })];

      const result = await cache.commit(account.unit({ upserts, isNew: true }));

      expect(result).toMatchObject({ inserted: 1, updated: 1, unchanged: 1, deleted: 0 });
      expect(await cache.getBody('pod', changed.id)).toEqual(Buffer.from(changed.body));
      expect(await relationsOf('replicaSet', 'new-b')).toMatchObject([
        { rel_id: expect.stringContaining(':new') as string },
      ]);
    });

    it('deletes what asks not to be cached', async () => {
      const account = await feedAccount(cache, 'new-c');
      const annotations = { 'caching.spinnaker.io/ignore': 'true' };
      await cache.commit(account.unit({ upserts: [account.pod({ name: 'p' })] }));
      const upserts = [account.pod({ name: 'p', annotations }), account.pod({ name: 'q' })];

      const result = await cache.commit(account.unit({ upserts, isNew: true }));

      expect(result).toMatchObject({ inserted: 1, deleted: 1 });
    });

    it('writes nothing for a writer that has been replaced', async () => {
      const { name, epoch } = await feedAccount(cache, 'new-d');
      const stale = fedAccount(name, epoch - 1);

      const commit = cache.commit(stale.unit({ upserts: [stale.pod()], isNew: true }));

      await expect(commit).rejects.toMatchObject({ code: 'fenced' });
      expect(await cache.countRows(name)).toEqual(new Map());
    });
  });

  it('leaves a row alone that is sent again as it is', async () => {
    const account = await feedAccount(cache, 'again');
    const pod = account.pod();
    await cache.commit(account.unit({ upserts: [pod] }));
    await database.query(
      `UPDATE ${table('pod')} SET last_updated = 5 WHERE agent LIKE 'again/%' ${
        target.name === 'mysql' ? '' : 'RETURNING id'
      }`,
    );

    await cache.commit(account.unit({ upserts: [pod] }));

    expect(Number((await rowsOf('pod', 'again'))[0]?.last_updated)).toBe(5);
  });

  it('takes the last of several states of one object', async () => {
    const account = await feedAccount(cache, 'twice');
    const [older, newer] = [account.pod(), account.pod({ resourceVersion: '2' })];

    const result = await cache.commit(account.unit({ upserts: [older, newer] }));

    expect(result.inserted).toBe(1);
    expect(await cache.getBody('pod', newer.id)).toEqual(Buffer.from(newer.body));
  });

  it('writes many rows of many sizes in one unit', async () => {
    const account = await feedAccount(cache, 'many');
    const upserts = Array.from({ length: 463 }, (_, index) =>
      account.pod({ name: `p-${index}`, annotations: { text: 'x'.repeat((index * 97) % 30_000) } }),
    );

    await cache.commit(account.unit({ upserts }));
    const result = await cache.commit(account.unit({ upserts, deletes: [] }));

    expect(result.unchanged).toBe(463);
    expect(await cache.countRows('many')).toEqual(new Map([['pod', 463]]));
    for (const pod of [upserts[0], upserts[462]]) {
      expect(await cache.getBody('pod', pod!.id)).toEqual(Buffer.from(pod!.body));
    }
  });

  it('deletes by id and agent, and leaves rows of other agents', async () => {
    const account = await feedAccount(cache, 'deletes');
    const pods = [account.pod({ name: 'one' }), account.pod({ name: 'two' })];
    await cache.commit(account.unit({ upserts: pods }));
    await database.query(
      `INSERT INTO ${table('pod')} (id, agent, body_hash, body, last_updated)
       VALUES ('${pods[0]!.id}', 'deletes/SomeoneElse', 'h', '{}', 1)`,
    );

    const result = await cache.commit(
      account.unit({ deletes: [...keysOf(pods), { ...keysOf(pods)[0]!, id: 'not there' }] }),
    );

    expect(result.deleted).toBe(2);
    expect(await rowsOf('pod', 'deletes')).toMatchObject([{ agent: 'deletes/SomeoneElse' }]);
  });

  it('does not keep an object that asks not to be cached', async () => {
    const account = await feedAccount(cache, 'ignored');
    await cache.commit(account.unit({ upserts: [account.pod()] }));
    const annotations = { 'caching.spinnaker.io/ignore': 'true' };

    const result = await cache.commit(account.unit({ upserts: [account.pod({ annotations })] }));

    expect(result.deleted).toBe(1);
    expect(await rowsOf('pod', 'ignored')).toEqual([]);
  });

  it('writes the opposite direction of each relation, and the logical rows', async () => {
    const account = await feedAccount(cache, 'rel');
    const set = account.replicaSet({ name: 'web-front-v003', owners: ['Deployment/web-front'] });

    await cache.commit(account.unit({ upserts: [set] }));

    const application = 'kubernetes.v2:logical:applications:web';
    const cluster = 'kubernetes.v2:logical:clusters:rel:web:web-front';
    const deployment = 'kubernetes.v2:infrastructure:deployment:rel:prod:web-front';
    const fromSet = { rel_id: set.id, rel_type: 'replicaSet' };
    expect(await relationsOf('deployment', 'rel')).toEqual([{ id: deployment, ...fromSet }]);
    expect(await relationsOf('clusters', 'rel')).toEqual([{ id: cluster, ...fromSet }]);
    expect(await relationsOf('applications', 'rel')).toEqual([
      { id: application, ...fromSet },
      { id: application, rel_id: cluster, rel_type: 'clusters' },
    ]);
    expect(await rowsOf('applications', 'rel')).toMatchObject([{ id: application }]);
    expect(await rowsOf('clusters', 'rel')).toMatchObject([{ id: cluster }]);
  });

  it('writes relations that follow from several objects, and takes them back', async () => {
    const account = await feedAccount(cache, 'selects');
    const [set, service] = [account.replicaSet(), 'kubernetes.v2:infrastructure:service:selects:x'];
    const index = new SelectionIndex(set.agent);
    const labels = { app: 'web' };
    const { added } = index.apply([
      { id: service, selection: { side: 'service', namespace: 'prod', labels } },
      { id: set.id, selection: { side: 'replicaSet', namespace: 'prod', labels } },
    ]);
    const { removed } = index.apply([{ id: service, selection: undefined }]);

    await cache.commit(account.unit({ upserts: [set], relations: { added, removed: [] } }));
    await cache.commit(account.unit({ relations: { added, removed: [] } }));
    const whileSelected = [
      await relationsOf('service', 'selects'),
      await relationsOf('replicaSet', 'selects'),
    ];
    await cache.commit(account.unit({ relations: { added: [], removed } }));

    expect(whileSelected).toEqual([
      [{ id: service, rel_id: set.id, rel_type: 'replicaSet' }],
      [{ id: set.id, rel_id: service, rel_type: 'service' }],
    ]);
    expect(await relationsOf('service', 'selects')).toEqual([]);
    expect(await relationsOf('replicaSet', 'selects')).toEqual([]);
  });

  it('refuses relations of another account', async () => {
    const [account, other] = [await feedAccount(cache, 'mine'), await feedAccount(cache, 'theirs')];
    const labels = { app: 'web' };
    const { added } = new SelectionIndex(other.replicaSet().agent).apply([
      { id: 'service', selection: { side: 'service', namespace: 'prod', labels } },
      { id: 'set', selection: { side: 'replicaSet', namespace: 'prod', labels } },
    ]);

    const commit = cache.commit(account.unit({ relations: { added, removed: [] } }));

    await expect(commit).rejects.toMatchObject({ code: 'rejected' });
  });

  it('moves an object to another application', async () => {
    const account = await feedAccount(cache, 'move');
    const before = account.replicaSet({ name: 'old-v001', owners: ['Deployment/old'] });
    await cache.commit(account.unit({ upserts: [before] }));
    const after = account.replicaSet({
      name: 'old-v001',
      annotations: {
        'moniker.spinnaker.io/application': 'new',
        'moniker.spinnaker.io/cluster': 'deployment new',
      },
    });

    await cache.commit(account.unit({ upserts: [after] }));

    expect(await relationsOf('deployment', 'move')).toEqual([]);
    expect((await rowsOf('applications', 'move')).map((row) => row.id)).toEqual([
      'kubernetes.v2:logical:applications:new',
    ]);
    expect((await rowsOf('clusters', 'move')).map((row) => row.id)).toEqual([
      'kubernetes.v2:logical:clusters:move:new:deployment new',
    ]);
    expect((await relationsOf('applications', 'move')).map((row) => row.id)).toEqual([
      'kubernetes.v2:logical:applications:new',
      'kubernetes.v2:logical:applications:new',
    ]);
  });

  it('keeps a cluster while it has a member, and an application of another account for ever', async () => {
    const account = await feedAccount(cache, 'last');
    const other = await feedAccount(cache, 'last-other');
    const sets = ['web-v001', 'web-v002'].map((name) => account.replicaSet({ name }));
    await cache.commit(account.unit({ upserts: sets }));
    await cache.commit(other.unit({ upserts: [other.replicaSet({ name: 'web-v001' })] }));
    const logicalRows = async (name: string) =>
      [...(await cache.countRows(name))].filter(([type]) => type !== 'replicaSet');

    await cache.commit(account.unit({ deletes: keysOf([sets[0]!]) }));
    expect(await logicalRows('last')).toEqual([
      ['applications', 1],
      ['clusters', 1],
    ]);

    await cache.commit(account.unit({ deletes: keysOf([sets[1]!]) }));
    expect(await logicalRows('last')).toEqual([]);
    expect(await relationsOf('applications', 'last')).toEqual([]);
    expect(await logicalRows('last-other')).toEqual([
      ['applications', 1],
      ['clusters', 1],
    ]);
  });

  it('replaces a member by another in one unit without losing the cluster', async () => {
    const account = await feedAccount(cache, 'swap');
    const [one, two] = ['web-v001', 'web-v002'].map((name) => account.replicaSet({ name }));
    await cache.commit(account.unit({ upserts: [one!] }));

    await cache.commit(account.unit({ upserts: [two!], deletes: keysOf([one!]) }));

    expect(await rowsOf('clusters', 'swap')).toHaveLength(1);
    expect(await relationsOf('clusters', 'swap')).toMatchObject([{ rel_id: two!.id }]);
  });

  it('makes the tables of a type whose rows were told of, and writes rows of it meanwhile', async () => {
    const account = await feedAccount(cache, 'told');
    const object = (kind: string) =>
      account.object({ kind, apiVersion: 'ahead.io/v1', metadata: { name: 'x' } });
    const [soon, sooner] = [object('Soon'), object('Sooner')];

    cache.expectRows(soon.type);
    cache.expectRows(sooner.type);
    cache.expectRows(sooner.type);
    const result = await cache.commit(account.unit({ upserts: [sooner] }));

    expect(result.inserted).toBe(1);
    const known = `SELECT type FROM fairlead_types WHERE type LIKE 'Soon%' AND has_rows = 1`;
    const areKnown = async () => (await database.query(known)).length === 2;
    expect(await waitUntil(areKnown, { timeoutMs: serverStartMs })).toBe(true);
    expect(await database.query(`SELECT * FROM ${table('Soon_ahead_io')}`)).toEqual([]);
  });

  it('prepares tables of types that may come, which count when rows do', async () => {
    const account = await feedAccount(cache, 'prepared');
    const [seen, unseen] = ['Seen', 'Unseen'].map((kind) =>
      account.object({
        apiVersion: 'prepared.io/v1',
        ...{ kind, metadata: { name: 'x', namespace: 'n', uid: 'u', resourceVersion: '1' } },
      }),
    );
    if (seen === undefined || unseen === undefined) throw new Error('two objects were made');
    const known = (hasRows: number) =>
      database.query(
        `SELECT type FROM fairlead_types WHERE type LIKE '%een.prep%' AND has_rows = ${hasRows}
         ORDER BY type`,
      );

    cache.prepareTypes([seen.type, unseen.type, seen.type]);
    const areThere = async () => (await known(0)).length === 2;
    expect(await waitUntil(areThere, { timeoutMs: serverStartMs })).toBe(true);
    await cache.commit(account.unit({ upserts: [seen] }));

    expect(await known(1)).toEqual([{ type: seen.type }]);
    expect(await known(0)).toEqual([{ type: unseen.type }]);
    expect(await database.query(`SELECT * FROM ${table('Unseen_prepared_io')}`)).toEqual([]);
    expect(await cache.countRows('prepared')).toEqual(new Map([[seen.type, 1]]));
  });

  it('finds the tables that another process has made', async () => {
    const other = await openSqlCache({ url: database.url, schema: 'standalone', clock: testClock });
    await other.ready();
    const account = await feedAccount(cache, 'late');
    const gateway = account.object({
      kind: 'Late',
      apiVersion: 'late.example.com/v1',
      metadata: {
        name: 'l',
        ownerReferences: [{ apiVersion: 'later.io/v1', kind: 'Later', name: 'x' }],
      },
    });
    await cache.commit(account.unit({ upserts: [gateway] }));

    const result = await other.commit(account.unit({ deletes: keysOf([gateway]) }));

    expect(result.deleted).toBe(1);
    expect(await database.query(`SELECT * FROM ${table('Later_later_io_rel')}`)).toEqual([]);
    await other.close();
  });

  it('commits rows and checkpoint together, or neither', async () => {
    const account = await feedAccount(cache, 'atomic');
    const first = account.pod({ name: 'first' });
    await cache.commit(account.unit({ upserts: [first], checkpoints: [podCheckpoint()] }));
    for (const statement of target.poison(table('pod'))) await database.query(statement);

    const commit = cache.commit(
      account.unit({
        upserts: [
          account.pod({ name: 'a' }),
          account.pod({ name: 'poison' }),
          account.pod({ name: 'z' }),
        ],
        deletes: keysOf([first]),
        checkpoints: [podCheckpoint({ resourceVersion: '2' })],
      }),
    );

    await expect(commit).rejects.toMatchObject({ code: 'rejected' });
    expect((await rowsOf('pod', 'atomic')).map((row) => row.id)).toEqual([first.id]);
    expect(await cache.feeds('atomic')).toMatchObject([{ resourceVersion: '1' }]);
  });

  it('refuses an older writer, and writes nothing of it', async () => {
    const older = await feedAccount(cache, 'fence');
    const newer = await feedAccount(cache, 'fence');
    await cache.commit(newer.unit({ checkpoints: [podCheckpoint({ resourceVersion: '9' })] }));

    const unit = older.unit({ upserts: [older.pod()], checkpoints: [podCheckpoint()] });

    await expect(cache.commit(unit)).rejects.toMatchObject({ code: 'fenced' });
    expect(await rowsOf('pod', 'fence')).toEqual([]);
    expect(await cache.feeds('fence')).toMatchObject([{ resourceVersion: '9' }]);
  });

  it('refuses a writer of an account that nobody has taken over', async () => {
    for (const epoch of [0, 1]) {
      const stranger = fedAccount('nobody', epoch);

      const commit = cache.commit(stranger.unit({ upserts: [stranger.pod()] }));

      await expect(commit).rejects.toMatchObject({ code: 'fenced' });
    }
  });

  it('lets no write of the older one through once the newer has taken over', async () => {
    const second = await openSqlCache({
      url: database.url,
      schema: 'standalone',
      clock: testClock,
    });
    await second.ready();
    const older = await feedAccount(cache, 'race');
    const writeUntilRefused = async () => {
      for (let index = 0; ; index += 1) {
        const resourceVersion = `old-${index}`;
        const upserts = [older.pod({ name: `p-${index % 7}`, resourceVersion })];
        const checkpoints = [podCheckpoint({ resourceVersion })];
        await cache.commit(older.unit({ upserts, checkpoints }));
      }
    };
    const writers = [writeUntilRefused(), writeUntilRefused()].map((writer) =>
      writer.catch((error: unknown) => (error as { code: string }).code),
    );

    const newer = await feedAccount(second, 'race');
    await second.commit(newer.unit({ checkpoints: [podCheckpoint({ resourceVersion: 'new' })] }));

    expect(await Promise.all(writers)).toEqual(['fenced', 'fenced']);
    expect(await cache.feeds('race')).toMatchObject([{ resourceVersion: 'new' }]);
    await second.close();
  });

  it('refuses a row under the agent of another account', async () => {
    const account = await feedAccount(cache, 'honest');
    const foreign = fedAccount('victim', 1).pod();

    const commit = cache.commit(account.unit({ upserts: [foreign] }));

    await expect(commit).rejects.toMatchObject({ code: 'rejected' });
  });

  it('makes a table again that somebody has dropped', async () => {
    const account = await feedAccount(cache, 'dropped');
    const job = (name: string) =>
      account.object({ kind: 'Job', apiVersion: 'batch/v1', metadata: { name, namespace: 'n' } });
    await cache.commit(account.unit({ upserts: [job('one')] }));
    await database.query(`DROP TABLE ${table('job')}`);

    const result = await cache.commit(account.unit({ upserts: [job('two')] }));

    expect(result).toMatchObject({ inserted: 1, retries: 1 });
  });

  it('rejects a unit with an id that the column does not hold', async () => {
    const account = await feedAccount(cache, 'long');
    const long = account.pod({ name: 'n'.repeat(400) });

    const commit = cache.commit(account.unit({ upserts: [long, account.pod()] }));

    if (target.name === 'mysql') {
      await expect(commit).rejects.toMatchObject({
        code: 'rejected',
        message: expect.stringMatching(/^the id of a row of type pod has 4\d\d characters/),
      });
    } else {
      expect((await commit).inserted).toBe(2);
    }
  });

  it('takes an object as large as etcd does, and rejects one that its messages do not hold', async () => {
    const account = await feedAccount(cache, 'huge');
    const pod = (name: string, megabytes: number) =>
      account.pod({ name, annotations: { text: 'x'.repeat(megabytes * 1024 * 1024) } });

    expect((await cache.commit(account.unit({ upserts: [pod('large', 3)] }))).inserted).toBe(1);

    const commit = cache.commit(account.unit({ upserts: [pod('huge', 20)] }));
    if (target.name === 'mysql') {
      await expect(commit).rejects.toMatchObject({ code: 'rejected' });
    } else {
      expect((await commit).inserted).toBe(1);
    }
    expect((await cache.commit(account.unit({ upserts: [pod('small', 1)] }))).inserted).toBe(1);
  });

  it('shortens agents and tables whose names are too long', async () => {
    const name = 'a-very-long-account-name-'.repeat(5);
    const account = await feedAccount(cache, name);
    const kind = `Kind${'Long'.repeat(12)}`;
    const object = account.object({
      kind,
      apiVersion: 'group.example.com/v1',
      metadata: { name: 'o', namespace: 'n' },
    });

    await cache.commit(account.unit({ upserts: [object] }));

    expect(await cache.countRows(name)).toEqual(new Map([[object.type, 1]]));
    const ids = await cache.listIds({
      type: object.type,
      agent: object.agent,
      namespace: 'n',
      afterId: '',
      limit: 5,
    });
    expect(ids).toEqual([object.id]);
  });

  it('commits units of many accounts at once', async () => {
    const accounts = await Promise.all(
      Array.from({ length: 25 }, (_, index) => feedAccount(cache, `parallel-${index}`)),
    );
    const commits = accounts.flatMap((account) =>
      Array.from({ length: 8 }, (_, index) =>
        cache.commit(
          account.unit({
            upserts: [
              account.replicaSet({ name: `shared-v00${index % 3}`, resourceVersion: `${index}` }),
            ],
          }),
        ),
      ),
    );

    const results = await Promise.all(commits);

    expect(results.reduce((sum, result) => sum + result.inserted, 0)).toBe(75);
    for (const account of accounts) {
      const counts = [...(await cache.countRows(account.name))];
      expect(counts).toEqual([
        ['applications', 1],
        ['clusters', 1],
        ['replicaSet', 3],
      ]);
    }
  });
}
