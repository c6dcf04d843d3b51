/** The pump: exactly so many events, never faster than the watches read. */
import { createManualClock, type ManualClock, SimCluster } from '../src/index.ts';
import { connect, settle } from './memory-connection.ts';

const pods = '/api/v1/pods';

describe('a pump of events', () => {
  let clock: ManualClock;
  let cluster: SimCluster;

  beforeEach(() => {
    clock = createManualClock();
    cluster = new SimCluster('sim', { clock, seed: 'x', historyEvents: 40 });
    for (const name of ['a', 'b', 'c']) {
      cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      cluster.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'a' } });
    }
  });
  afterEach(() => cluster.stop());

  const watch = (more: { isSlow?: boolean } = {}) =>
    connect(cluster, `${pods}?watch=true&resourceVersion=${cluster.resourceVersion}`, more);

  it('makes exactly so many, turn by turn over the objects', async () => {
    const connection = watch();

    const result = await cluster.pump({ resource: 'pods', events: 1000 });

    const { lines } = connection;
    expect(lines).toHaveLength(1000);
    expect(lines.slice(0, 4).map(({ type, object }) => [type, object.metadata.name])).toEqual([
      ['MODIFIED', 'a'],
      ['MODIFIED', 'b'],
      ['MODIFIED', 'c'],
      ['MODIFIED', 'a'],
    ]);
    expect(lines.at(-1)?.object.metadata.resourceVersion).toBe(result.lastResourceVersion);
    expect(result).toMatchObject({ resource: 'pods', events: 1000, made: 1000, isDone: true });
    expect(cluster.stats.eventsServed).toBe(1000);
  });

  it('waits for the slowest watch, and loses nothing of it', async () => {
    const fast = watch();
    const slow = watch({ isSlow: true });
    await settle();

    const pumping = cluster.pump({ resource: 'pods', events: 500 });
    await settle();
    const whileSlow = cluster.pumps.at(-1);
    slow.read();
    await pumping;

    expect(whileSlow?.made).toBeLessThanOrEqual(20);
    expect(whileSlow?.isDone).toBe(false);
    expect(fast.lines).toHaveLength(500);
    expect(slow.lines).toHaveLength(500);
    expect(slow.outcome).toBeUndefined();
  });

  it('waits until as many watch as were asked for', async () => {
    const pumping = cluster.pump({ resource: 'pods', events: 10, watches: 2 });
    const first = watch();
    await settle();
    const before = first.lines.length;
    const second = watch();
    await pumping;

    expect(before).toBe(0);
    expect([first.lines.length, second.lines.length]).toEqual([10, 10]);
  });

  it('waits while nobody watches, and goes on with who comes', async () => {
    const first = watch();
    await settle();
    const pumping = cluster.pump({ resource: 'pods', events: 5000 });
    await settle();
    first.leave();
    await first.done;
    const { made } = cluster.pumps[0]!;
    const from = cluster.resourceVersion;
    await settle();
    const second = connect(cluster, `${pods}?watch=true&resourceVersion=${from}`);
    await pumping;

    expect(made).toBeLessThan(5000);
    expect(first.lines.length + second.lines.length).toBe(5000);
  });

  it('keeps to a rate', async () => {
    const connection = watch();
    const pumping = cluster.pump({ resource: 'pods', events: 100, perSecond: 50 });

    await clock.advance(1000);
    await settle();
    const afterOneSecond = connection.lines.length;
    await clock.advance(1000);
    await settle();

    expect(afterOneSecond).toBeGreaterThan(45);
    expect(afterOneSecond).toBeLessThanOrEqual(50);
    await expect(pumping).resolves.toMatchObject({ made: 100, isDone: true, elapsedMs: 2000 });
  });

  it('refuses a resource without objects', async () => {
    await expect(cluster.pump({ resource: 'secrets', events: 1 })).rejects.toThrow(RangeError);
    await expect(cluster.pump({ resource: 'unicorns', events: 1 })).rejects.toThrow(RangeError);
  });
});
