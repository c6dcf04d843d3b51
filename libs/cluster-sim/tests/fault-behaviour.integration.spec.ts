/** What clients see of each fault. */
import { createManualClock, type FaultEffect, type ManualClock, SimCluster } from '../src/index.ts';
import { connect, type MemoryConnection, settle } from './memory-connection.ts';

describe('faults', () => {
  let clock: ManualClock;
  let cluster: SimCluster;

  beforeEach(() => {
    clock = createManualClock();
    cluster = new SimCluster('sim', { clock, seed: 'x' });
    for (const name of ['a', 'b', 'c']) {
      cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
  });

  const struck = async (
    effect: FaultEffect,
    url = '/api/v1/namespaces',
  ): Promise<MemoryConnection> => {
    const fault = cluster.faults.add({ effect });
    const connection = connect(cluster, url);
    await settle();
    expect(fault.strikes).toBe(1);
    return connection;
  };
  const watch = '/api/v1/namespaces?watch=true';

  it.each([
    [401, 'Unauthorized'],
    [403, 'Forbidden'],
    [410, 'Expired'],
    [429, 'TooManyRequests'],
    [500, 'InternalError'],
    [503, 'ServiceUnavailable'],
    [507, 'InternalError'],
  ])('answer with status %d', async (code, reason) => {
    const connection = await struck({ kind: 'status', code, retryAfterSeconds: 7 });

    expect(connection.status).toBe(code);
    expect(connection.headers['retry-after']).toBe('7');
    expect(JSON.parse(connection.text)).toMatchObject({ kind: 'Status', code, reason });
  });

  it('answer with a body that is no Status', async () => {
    const connection = await struck({ kind: 'status', code: 502, body: '<html>' });

    expect(connection).toMatchObject({ status: 502, text: '<html>' });
  });

  it('answer 200 and nothing', async () => {
    expect(await struck({ kind: 'empty' })).toMatchObject({
      status: 200,
      text: '',
      outcome: 'ended',
    });
  });

  it('cut the connection before the answer', async () => {
    const connection = await struck({ kind: 'close', afterBytes: 0 });

    expect(connection).toMatchObject({ status: 0, text: '', outcome: 'destroyed' });
  });

  it('cut the connection in the middle of a list', async () => {
    const connection = await struck({ kind: 'close', afterBytes: 100 });

    expect(connection).toMatchObject({ status: 200, outcome: 'destroyed' });
    expect(connection.text).toHaveLength(100);
  });

  it('end a watch in the middle of a line as if all were well', async () => {
    const connection = await struck({ kind: 'cut', afterBytes: 600 }, watch);

    expect(connection).toMatchObject({ status: 200, outcome: 'ended' });
    expect(connection.text).toHaveLength(600);
    expect(connection.text.endsWith('\n')).toBe(false);
  });

  it('go silent and keep the connection', async () => {
    const connection = await struck({ kind: 'stall', afterBytes: 500 }, watch);
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'd' } });
    await clock.advance(120_000);

    expect(connection.outcome).toBeUndefined();
    expect(connection.text).toHaveLength(500);
    connection.leave();
    await connection.done;
  });

  it('begin a watch with an error event', async () => {
    const connection = await struck({ kind: 'watchError', code: 410 }, watch);

    expect(connection.outcome).toBe('ended');
    expect(connection.lines).toMatchObject([
      { type: 'ERROR', object: { code: 410, reason: 'Expired' } },
    ]);
  });

  it('answer later', async () => {
    const connection = await struck({ kind: 'delay', ms: 500 });
    const before = connection.status;

    await clock.advance(500);
    await connection.done;

    expect(before).toBe(0);
    expect(connection.status).toBe(200);
  });

  it('announce a group whose server is away', async () => {
    cluster.unavailable.add('metrics.k8s.io/v1beta1');
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

    const aggregated = connect(cluster, '/apis', { headers: { accept } });
    const plain = connect(cluster, '/apis/metrics.k8s.io/v1beta1');
    await settle();

    expect(JSON.parse(aggregated.text)).toMatchObject({
      items: expect.arrayContaining([
        {
          metadata: { name: 'metrics.k8s.io' },
          versions: [{ version: 'v1beta1', freshness: 'Stale' }],
        },
      ]),
    });
    expect(plain.status).toBe(503);
  });

  it('let in only who has a token', async () => {
    cluster.setTokens(['right']);
    const status = async (token: string): Promise<number> => {
      const headers = { authorization: `Bearer ${token}` };
      const connection = connect(cluster, '/api/v1/namespaces', { headers });
      await connection.done;
      return connection.status;
    };

    expect(await status('wrong')).toBe(401);
    expect(await status('right')).toBe(200);
  });
});
