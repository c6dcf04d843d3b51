/** A server whose cache lags behind etcd, beside one that does not. */
import { createManualClock, type FaultEffect, type ManualClock, SimCluster } from '../src/index.ts';
import { connect, type MemoryConnection, settle } from './memory-connection.ts';

const namespaces = '/api/v1/namespaces';

describe('a server that lags behind', () => {
  let clock: ManualClock;
  let cluster: SimCluster;

  const aNamespace = (name: string): void => {
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  };
  const list = async (
    query = '',
    connection = 0,
  ): Promise<{ status: number; names: unknown; version: string }> => {
    const answer = connect(cluster, `${namespaces}?${query}`, { connection });
    await answer.done;
    const { items = [], metadata } = JSON.parse(answer.text) as {
      items?: { metadata: { name: string } }[];
      metadata: { resourceVersion: string };
    };
    const names = items.map((item) => item.metadata.name);
    return { status: answer.status, names, version: metadata.resourceVersion };
  };
  const watch = async (query: string): Promise<MemoryConnection> => {
    const connection = connect(cluster, `${namespaces}?watch=true&${query}`);
    await settle();
    return connection;
  };
  const lag = (effect: Omit<Extract<FaultEffect, { kind: 'lag' }>, 'kind'>) =>
    cluster.faults.add({ effect: { kind: 'lag', ...effect } });

  beforeEach(() => {
    clock = createManualClock();
    cluster = new SimCluster('sim', { clock, seed: 'x' });
    for (const name of ['a', 'b', 'c']) aNamespace(name);
  });
  afterEach(() => cluster.stop());

  it('lists what was so many changes ago, to who does not ask for the newest', async () => {
    const newest = Number(cluster.resourceVersion);
    lag({ changes: 2 });

    expect(await list('resourceVersion=0')).toEqual({
      status: 200,
      names: ['a'],
      version: String(newest - 2),
    });
    expect(await list()).toEqual({
      status: 200,
      names: ['a', 'b', 'c'],
      version: String(newest),
    });
    expect(
      (await list(`resourceVersion=${String(newest)}&resourceVersionMatch=NotOlderThan`)).status,
    ).toBe(504);
  });

  it('lists it to everybody when it is stale always', async () => {
    lag({ changes: 1, isStaleAlways: true });
    const one = connect(cluster, `${namespaces}/c`);
    await one.done;

    expect((await list()).names).toEqual(['a', 'b']);
    expect(one.status).toBe(404);
  });

  it('is one of two behind one address', async () => {
    cluster.faults.add({ match: { connections: 'odd' }, effect: { kind: 'lag', changes: 1 } });

    const names = await Promise.all(
      [0, 1, 2, 3].map(async (connection) => (await list('resourceVersion=0', connection)).names),
    );

    expect(names).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b'],
      ['a', 'b', 'c'],
      ['a', 'b'],
    ]);
  });

  it('tells watches of changes late, and of the rest when it has caught up', async () => {
    const from = cluster.resourceVersion;
    const fault = lag({ changes: 2 });
    const connection = await watch(`resourceVersion=${from}`);

    for (const name of ['d', 'e', 'f']) aNamespace(name);
    await settle();
    const late = connection.lines.map(({ object }) => object.metadata.name);
    fault.remove();
    await settle();

    expect(late).toEqual(['d']);
    expect(connection.lines.map(({ object }) => object.metadata.name)).toEqual(['d', 'e', 'f']);
  });

  it('stands still at a version', async () => {
    lag({ atResourceVersion: Number(cluster.resourceVersion) });
    const connection = await watch('resourceVersion=0&allowWatchBookmarks=true');

    aNamespace('d');
    await settle();
    await clock.advance(60_000);
    await settle();

    expect(connection.lines.map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['ADDED', 'a'],
      ['ADDED', 'b'],
      ['ADDED', 'c'],
      ['BOOKMARK', undefined],
    ]);
    expect(connection.lines.at(-1)?.object.metadata.resourceVersion).toBe(
      String(Number(cluster.resourceVersion) - 1),
    );
  });

  it('keeps silent to watches that are ahead of it, until it is as far', async () => {
    aNamespace('d');
    const ahead = cluster.resourceVersion;
    const fault = lag({ changes: 3 });
    const connection = await watch(`resourceVersion=${ahead}`);

    aNamespace('e');
    await settle();
    const early = connection.lines.length;
    fault.remove();
    await settle();

    expect(early).toBe(0);
    expect(connection.lines.map(({ object }) => object.metadata.name)).toEqual(['e']);
  });
});
