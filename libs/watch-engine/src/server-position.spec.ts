import { ServerPosition } from './server-position.ts';
import { FakeClock, MemoryCluster, PODS, statusResponse, wholeResponse } from './testing/index.ts';

function rig(clusterUid = '') {
  const clock = new FakeClock();
  const cluster = new MemoryCluster();
  const onOtherCluster = jest.fn();
  const position = new ServerPosition({
    api: cluster,
    clock,
    timeoutMs: 80_000,
    clusterUid,
    onOtherCluster,
  });
  return { clock, cluster, position, onOtherCluster };
}

describe(ServerPosition, () => {
  it('tells the newest resourceVersion, asking for one namespace by name', async () => {
    const { cluster, position } = rig();
    cluster.apply(PODS, { name: 'a' });

    expect(await position.locate(position.mark())).toBe(cluster.version);
    expect(cluster.requests.map(({ path, query }) => [path, query])).toEqual([
      ['/api/v1/namespaces', { fieldSelector: 'metadata.name=kube-system' }],
    ]);
  });

  it('asks once for all who lost the server before, and anew for who lost it after', async () => {
    const { cluster, position } = rig();
    const before = [position.mark(), position.mark()];

    await Promise.all(before.map((mark) => position.locate(mark)));
    expect(cluster.requests).toHaveLength(1);
    await position.locate(position.mark());

    expect(cluster.requests).toHaveLength(2);
  });

  it('asks anew when the answer is old', async () => {
    const { clock, cluster, position } = rig();
    const mark = position.mark();
    await position.locate(mark);

    await clock.advance(1_500);
    await position.locate(mark);

    expect(cluster.requests).toHaveLength(2);
  });

  it.each([
    [403, ''],
    [404, null],
  ])('does not know, and does not ask again for minutes, after a %d', async (code, unknown) => {
    const { clock, cluster, position } = rig();
    cluster.intercept = () => statusResponse(code);

    expect(await position.locate(position.mark())).toBe(unknown);
    await clock.advance(200_000);
    expect(await position.locate(position.mark())).toBe(unknown);
    expect(cluster.requests).toHaveLength(1);
    await clock.advance(101_000);
    cluster.intercept = () => undefined;

    expect(await position.locate(position.mark())).toBe('100');
  });

  it.each([
    ['a page of HTML', () => wholeResponse(200, '<html></html>')],
    ['an empty body', () => wholeResponse(200, '')],
    ['another failure', () => statusResponse(503)],
  ])('does not know after %s', async (_, answer) => {
    const { cluster, position } = rig();
    cluster.intercept = answer;

    expect(await position.locate(position.mark())).toBe('');
  });

  it('does not know where nobody answers', async () => {
    const { clock, cluster, position } = rig();
    cluster.intercept = () => new Promise(() => undefined);
    const locating = position.locate(position.mark());

    await clock.advance(81_000);

    expect(await locating).toBe('');
  });

  it('rejects when there is no server, and waits for nothing', async () => {
    const { clock, cluster, position } = rig();
    cluster.intercept = () => Promise.reject(new Error('no'));

    await expect(position.locate(position.mark())).rejects.toThrow('no');
    expect(clock.sleepers).toBe(0);
  });

  it('tells when another cluster answers than the one that was known', async () => {
    const { cluster, position, onOtherCluster } = rig();
    await position.locate(position.mark());
    expect(onOtherCluster).not.toHaveBeenCalled();

    cluster.uid = 'cluster-2';
    await position.locate(position.mark());
    const known = rig('cluster-0');
    await known.position.locate(known.position.mark());

    expect(onOtherCluster).toHaveBeenCalledTimes(1);
    expect(known.onOtherCluster).toHaveBeenCalledTimes(1);
  });

  it('ends what is under way when it is closed', async () => {
    const { clock, cluster, position } = rig();
    cluster.intercept = () => new Promise(() => undefined);
    const locating = position.locate(position.mark());

    position.close();

    await expect(locating).rejects.toThrow();
    expect(clock.sleepers).toBe(0);
  });
});
