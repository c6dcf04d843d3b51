/** Watches of a simulated cluster over time: bookmarks, ends, slow readers, restarts. */
import { createManualClock, type ManualClock, SimCluster } from '../src/index.ts';
import { connect, settle } from './memory-connection.ts';

const maps = '/api/v1/namespaces/n/configmaps';

describe('a watch', () => {
  let clock: ManualClock;
  let cluster: SimCluster;

  beforeEach(() => {
    clock = createManualClock();
    cluster = new SimCluster('sim', { clock, seed: 'x', historyEvents: 50 });
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
  });
  afterEach(() => cluster.stop());

  const change = (name: string, size = 0): void => {
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'n', name };
    const data = { at: cluster.resourceVersion, filling: 'x'.repeat(size) };
    const metadata = { name, namespace: 'n' };
    if (cluster.get(ref) === undefined) cluster.create({ ...ref, metadata, data });
    else cluster.patch(ref, { data });
  };
  const watch = (query = ''): string =>
    `${maps}?watch=true&resourceVersion=${cluster.resourceVersion}${query}`;

  it('tells changes at once', async () => {
    const connection = connect(cluster, watch());
    await settle();

    change('a');
    change('a');
    await settle();

    expect(connection.lines.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED']);
    expect(cluster.stats.eventsServed).toBe(2);
  });

  it('brings a bookmark each minute to who asked for them', async () => {
    const asked = connect(cluster, watch('&allowWatchBookmarks=true'));
    const notAsked = connect(cluster, watch());
    await settle();

    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'other' } });
    await clock.advance(60_000);
    await settle();

    expect(asked.lines).toEqual([
      {
        type: 'BOOKMARK',
        object: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { resourceVersion: cluster.resourceVersion },
        },
      },
    ]);
    expect(notAsked.lines).toEqual([]);
  });

  it('ends after its time', async () => {
    const connection = connect(cluster, watch('&timeoutSeconds=30'));

    await clock.advance(29_000);
    await settle();
    const before = connection.outcome;
    await clock.advance(1_000);
    await settle();

    expect(before).toBeUndefined();
    expect(connection.outcome).toBe('ended');
    expect(clock.sleeping).toBe(0);
  });

  it('ends by itself between half an hour and an hour', async () => {
    const connection = connect(cluster, watch());

    await clock.advance(1_800_000 - 1);
    await settle();
    const before = connection.outcome;
    await clock.advance(1_800_001);
    await settle();

    expect(before).toBeUndefined();
    expect(connection.outcome).toBe('ended');
  });

  it('lets nothing pile up for a slow reader, and goes on where it was', async () => {
    const connection = connect(cluster, watch(), { isSlow: true });
    await settle();

    change('a', 100_000);
    await settle();
    for (let count = 0; count < 20; count++) change('b');
    await settle();
    const whileSlow = connection.lines.length;
    connection.read();
    await settle();

    expect(whileSlow).toBe(1);
    expect(connection.lines).toHaveLength(21);
  });

  it('is ended when its reader is slower than history', async () => {
    const connection = connect(cluster, watch(), { isSlow: true });
    await settle();
    change('a', 100_000);
    await settle();

    for (let count = 0; count < 60; count++) change('b');
    connection.read();
    await settle();

    expect(connection.outcome).toBe('ended');
    expect(connection.lines).toHaveLength(1);
  });

  it('is 410 when it starts before history', async () => {
    const url = watch();
    for (let count = 0; count < 60; count++) change('a');

    const connection = connect(cluster, url);
    await settle();

    expect(connection.status).toBe(200);
    expect(connection.lines).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ]);
    expect(connection.outcome).toBe('ended');
  });

  it('ends in order when the server restarts', async () => {
    const connection = connect(cluster, watch());
    await settle();

    cluster.disconnectWatches();
    await settle();

    expect(connection.outcome).toBe('ended');
  });

  it('ends when its type is taken away', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
      spec: {
        group: 'example.com',
        names: { plural: 'widgets', kind: 'Widget' },
        scope: 'Namespaced',
        versions: [{ name: 'v1', served: true, storage: true }],
      },
    };
    cluster.create(definition);
    cluster.create({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w', namespace: 'n' },
    });
    const connection = connect(cluster, '/apis/example.com/v1/widgets?watch=true');
    await settle();

    cluster.delete({ ...definition, name: definition.metadata.name });
    await settle();

    expect(connection.lines.map(({ type }) => type)).toEqual(['ADDED', 'DELETED']);
    expect(connection.outcome).toBe('ended');
  });

  it('stops when its reader goes away', async () => {
    const connection = connect(cluster, watch());
    await settle();

    connection.leave();

    await expect(connection.done).resolves.toBeUndefined();
    expect(clock.sleeping).toBe(0);
  });
});

describe('a list', () => {
  it('waits for a slow reader and shows the moment at which it began', async () => {
    const cluster = new SimCluster('sim', { clock: createManualClock(), seed: 'x' });
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'n' } });
    const filling = 'x'.repeat(10_000);
    for (let count = 0; count < 100; count++) {
      const metadata = { name: `m-${String(count)}`, namespace: 'n' };
      cluster.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { filling } });
    }

    const connection = connect(cluster, maps, { isSlow: true });
    await settle();
    const bytesAtFirst = connection.text.length;
    for (let count = 0; count < 100; count++) {
      cluster.delete({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'n',
        name: `m-${String(count)}`,
      });
    }
    connection.read();
    await connection.done;

    expect(bytesAtFirst).toBeLessThan(100_000);
    expect((JSON.parse(connection.text) as { items: unknown[] }).items).toHaveLength(100);
    expect(cluster.stats.objectsServed).toBe(100);
  });

  it('goes on from a token for five minutes', async () => {
    const clock = createManualClock();
    const cluster = new SimCluster('sim', { clock, seed: 'x' });
    for (const name of ['a', 'b']) {
      cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    const first = connect(cluster, '/api/v1/namespaces?limit=1');
    await first.done;
    const token = (JSON.parse(first.text) as { metadata: { continue: string } }).metadata.continue;
    const next = async (): Promise<number> => {
      const connection = connect(cluster, `/api/v1/namespaces?limit=1&continue=${token}`);
      await connection.done;
      return connection.status;
    };

    await clock.advance(299_999);
    const inTime = await next();
    await clock.advance(300_000);
    const tooLate = await next();

    expect(inTime).toBe(200);
    expect(tooLate).toBe(410);
  });
});
