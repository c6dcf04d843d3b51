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
  const nameIn = (line: string): unknown =>
    (JSON.parse(line) as MemoryConnection['lines'][number]).object.metadata.name;

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

  it('answer with a page of HTML', async () => {
    const body = '<html>';
    const connection = await struck({ kind: 'status', code: 502, body, contentType: 'text/html' });

    expect(connection.headers['content-type']).toBe('text/html');
  });

  it('word a refusal for want of rights as the real server does', async () => {
    const connection = await struck({ kind: 'status', code: 403 }, '/api/v1/namespaces/a/pods');

    expect(JSON.parse(connection.text)).toMatchObject({
      message: expect.stringMatching(
        /^pods is forbidden: User "[^"]+" cannot list resource "pods" in API group "" in the namespace "a"$/,
      ),
      reason: 'Forbidden',
      details: { kind: 'pods' },
    });
  });

  it('answer as for a type that is not served', async () => {
    expect(await struck({ kind: 'notServed' })).toMatchObject({
      status: 404,
      text: '404 page not found\n',
    });
  });

  it('answer as when a conversion webhook is away', async () => {
    const connection = await struck({ kind: 'conversionWebhook' });

    expect(connection.status).toBe(500);
    expect(JSON.parse(connection.text)).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: expect.stringMatching(/^conversion webhook for .*Kind=Namespace failed: Post /),
      code: 500,
    });
  });

  it('refuse a page, with a token for an inconsistent rest, and let first pages pass', async () => {
    cluster.faults.add({ effect: { kind: 'expiredToken' } });
    const list = async (query: string): Promise<MemoryConnection> => {
      const connection = connect(cluster, `/api/v1/namespaces?limit=1&continue=${query}`);
      await connection.done;
      return connection;
    };
    const tokenOf = ({ text }: MemoryConnection): string =>
      (JSON.parse(text) as { metadata: { continue: string } }).metadata.continue;

    const first = await list('');
    const second = await list(tokenOf(first));
    cluster.faults.clear();
    const third = await list(tokenOf(second));

    expect([first.status, second.status, third.status]).toEqual([200, 410, 200]);
    expect(JSON.parse(second.text)).toMatchObject({ reason: 'Expired', code: 410 });
    expect(JSON.parse(third.text)).toMatchObject({ items: [{ metadata: { name: 'b' } }] });
  });

  it('never answer', async () => {
    const connection = await struck({ kind: 'silence' });

    expect(connection).toMatchObject({ status: 0, text: '', outcome: undefined });
    connection.leave();
    await connection.done;
  });

  it('do something else first', async () => {
    const connection = await struck({
      kind: 'run',
      action: () => cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'a' }),
    });

    expect(JSON.parse(connection.text)).toMatchObject({
      items: [{ metadata: { name: 'b' } }, { metadata: { name: 'c' } }],
    });
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

  it('cut the connection inside a chunk', async () => {
    const whole = connect(cluster, '/api/v1/namespaces');
    await whole.done;
    const connection = await struck({ kind: 'closeChunk', afterBytes: 100 });

    const half = 100 + Math.floor((whole.text.length - 100) / 2);
    expect(connection).toMatchObject({ status: 200, outcome: 'destroyed' });
    expect(connection.text).toBe(whole.text.slice(0, half));
  });

  it.each([
    ['end', 'ended'],
    ['close', 'destroyed'],
  ] as const)('%s a watch after whole lines and half of one', async (how, outcome) => {
    const connection = await struck({ kind: 'cutLine', afterLines: 2, how }, watch);

    const lines = connection.text.split('\n');
    expect(connection.outcome).toBe(outcome);
    expect(lines).toHaveLength(3);
    expect(JSON.parse(lines[1]!)).toMatchObject({ object: { metadata: { name: 'b' } } });
    expect(lines[2]).toMatch(/^\{"type":"ADDED"/);
    expect(() => JSON.parse(lines[2]!) as unknown).toThrow(SyntaxError);
  });

  it('put a line that is no JSON in place of one', async () => {
    const connection = await struck({ kind: 'malformedLine', afterLines: 1 }, watch);
    cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'd' } });
    await settle();

    const lines = connection.text.split('\n').slice(0, -1);
    expect(connection.outcome).toBeUndefined();
    expect(lines).toHaveLength(4);
    expect(() => JSON.parse(lines[1]!) as unknown).toThrow(SyntaxError);
    expect([lines[0], lines[2], lines[3]].map((line) => nameIn(line!))).toEqual(['a', 'c', 'd']);
    connection.leave();
    await connection.done;
  });

  it('end a watch with an error event in its middle', async () => {
    const connection = await struck({ kind: 'watchError', code: 410, afterLines: 4 }, watch);
    const before = connection.lines.length;
    for (const name of ['d', 'e']) {
      cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    }
    await settle();

    expect(before).toBe(3);
    expect(connection.outcome).toBe('ended');
    expect(connection.lines.map(({ type }) => type)).toEqual([...Array(4).fill('ADDED'), 'ERROR']);
  });

  it('leave lists alone when they are about lines', async () => {
    const connection = await struck({ kind: 'malformedLine', afterLines: 0 });

    expect(JSON.parse(connection.text)).toMatchObject({ kind: 'NamespaceList' });
  });

  it('send so many bytes a second', async () => {
    const connection = await struck({ kind: 'slow', bytesPerSecond: 100 });
    const atOnce = connection.text.length;
    await clock.advance(2000);
    const afterTwoSeconds = connection.text.length;
    await clock.advance(60_000);
    await connection.done;

    expect(atOnce).toBeLessThanOrEqual(10);
    expect(afterTwoSeconds).toBeGreaterThanOrEqual(200);
    expect(afterTwoSeconds).toBeLessThanOrEqual(210);
    expect(JSON.parse(connection.text)).toMatchObject({ kind: 'NamespaceList' });
    expect(connection.outcome).toBe('ended');
  });

  it('send pieces of random lengths, the same ones for the same seed', async () => {
    const pieces = async (): Promise<readonly string[]> => {
      const own = new SimCluster('sim', { clock, seed: 'x' });
      own.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
      own.faults.add({ effect: { kind: 'split', maxBytes: 50 } });
      const connection = connect(own, '/api/v1/namespaces');
      await connection.done;
      await settle();
      while (connection.outcome === undefined) await settle();
      return connection.pieces;
    };

    const [one, two] = [await pieces(), await pieces()];

    expect(one).toEqual(two);
    expect(one.length).toBeGreaterThan(5);
    expect(Math.max(...one.map(({ length }) => length))).toBeLessThanOrEqual(50);
    expect(new Set(one.map(({ length }) => length)).size).toBeGreaterThan(3);
    expect(JSON.parse(one.join(''))).toMatchObject({ kind: 'NamespaceList' });
  });

  it('end an answer that has no bytes to pace', async () => {
    cluster.faults.add({ effect: { kind: 'empty' } });

    expect(await struck({ kind: 'split', maxBytes: 20 })).toMatchObject({
      text: '',
      outcome: 'ended',
    });
  });

  it('work one upon another', async () => {
    cluster.faults.add({ effect: { kind: 'cutLine', afterLines: 1, how: 'close' } });
    const connection = await struck({ kind: 'split', maxBytes: 20 }, watch);
    while (connection.outcome === undefined) await settle();

    expect(connection.pieces.length).toBeGreaterThan(10);
    expect(connection.outcome).toBe('destroyed');
    expect(connection.text.split('\n')).toHaveLength(2);
  });

  it('send no bookmarks', async () => {
    const connection = await struck(
      { kind: 'noBookmarks' },
      `${watch}&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
    );
    await clock.advance(200_000);
    await settle();

    // The end of the streamed list is a bookmark too, and stays.
    expect(connection.lines.map(({ type }) => type)).toEqual([
      ...Array(3).fill('ADDED'),
      'BOOKMARK',
    ]);
    connection.leave();
    await connection.done;
  });

  it('refuse to stream lists', async () => {
    const streaming = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan';
    const connection = await struck({ kind: 'noStreamingLists' }, `${watch}${streaming}`);

    expect(connection.status).toBe(422);
    expect(connection.text).toContain('unless the WatchList feature gate is enabled');
  });

  it('delete an object between two pages, which still show it', async () => {
    const first = connect(cluster, '/api/v1/namespaces?limit=1');
    await first.done;
    const { metadata } = JSON.parse(first.text) as { metadata: Record<string, string> };

    const second = await struck(
      { kind: 'deleteBetweenPages' },
      `/api/v1/namespaces?continue=${metadata.continue!}`,
    );
    const following = connect(cluster, `${watch}&resourceVersion=${metadata.resourceVersion!}`);
    await settle();

    expect(JSON.parse(second.text)).toMatchObject({
      items: [{ metadata: { name: 'b' } }, { metadata: { name: 'c' } }],
    });
    expect(cluster.get({ apiVersion: 'v1', kind: 'Namespace', name: 'b' })).toBeUndefined();
    expect(following.lines.at(-1)).toMatchObject({
      type: 'DELETED',
      object: { metadata: { name: 'b' } },
    });
    following.leave();
    await following.done;
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
