import { FeedDriver, type FeedDeps } from './feed-driver.ts';
import { IdleRounds } from './idle-rounds.ts';
import { ListPermits } from './list-permits.ts';
import { objectFilter } from './object-filter.ts';
import { DEFAULT_OBJECT_POLICY } from './object-policy.ts';
import {
  aFeedKey,
  FakeClock,
  MemoryBody,
  MemoryCluster,
  memoryResponse,
  PODS,
  RecordingSink,
  seededRandom,
  settle,
  statusResponse,
  wholeResponse,
} from './testing/index.ts';
import { noObserver, type UnscannableObject, type WatchObserver } from './watch-observer.ts';
import { DEFAULT_TUNING, type WatchTuning } from './watch-options.ts';
import type { Delta, FeedOutput } from './delta-sink.ts';
import type { ResourceType } from './resource-type.ts';

interface Rig {
  readonly clock: FakeClock;
  readonly cluster: MemoryCluster;
  readonly sink: RecordingSink;
  readonly permits: ListPermits;
  readonly driver: FeedDriver;
  readonly deps: FeedDeps;
  /** Ends when the feed does; rejects as the feed does. */
  readonly running: Promise<void>;
  stop(): Promise<void>;
}

function rig(
  options: {
    readonly cluster?: MemoryCluster;
    readonly permits?: ListPermits;
    readonly observer?: Partial<WatchObserver>;
    readonly tuning?: Partial<WatchTuning>;
    readonly output?: FeedOutput;
    readonly checkpoint?: string;
    readonly type?: ResourceType;
  } = {},
): Rig {
  const clock = new FakeClock();
  const cluster = options.cluster ?? new MemoryCluster();
  const sink = new RecordingSink();
  const permits = options.permits ?? new ListPermits();
  const deps: FeedDeps = {
    api: cluster,
    clock,
    random: seededRandom(1),
    permits: permits.forAccount('test'),
    idleRounds: new IdleRounds(clock),
    observer: { ...noObserver, ...options.observer },
    tuning: { ...DEFAULT_TUNING, streamingLists: 'off', ...options.tuning },
    filter: objectFilter({ namespaces: [], omitNamespaces: [], onlySpinnakerManaged: false }),
    objects: DEFAULT_OBJECT_POLICY,
    position: { mark: () => 0, locate: () => Promise.resolve(cluster.version) },
    streaming: { isOffered: true },
    rediscover: () => undefined,
  };
  const key = aFeedKey(options.type);
  const output = options.output ?? sink.open(key);
  const driver = new FeedDriver({ key, output, checkpoint: options.checkpoint ?? '' }, deps);
  const controller = new AbortController();
  driver.discovered();
  const running = driver.run(controller.signal);
  running.catch(() => undefined);
  return {
    clock,
    cluster,
    sink,
    permits,
    driver,
    deps,
    running,
    stop: () => {
      controller.abort();
      return running;
    },
  };
}

function names(sink: RecordingSink): string[] {
  return [...sink.feed('pods')!.view.keys()].map((id) => id.replace('default/', ''));
}

describe(FeedDriver, () => {
  it('lists, then watches from there', async () => {
    const { cluster, sink, stop } = rig();
    await settle();
    cluster.apply(PODS, { name: 'a' });
    await settle();

    expect(sink.feed('pods')!.deltas.map(({ kind }) => kind)).toEqual([
      'init',
      'initDone',
      'applied',
    ]);
    expect(cluster.requests.map(({ query }) => query?.watch ?? 'list')).toEqual(['list', 'true']);
    await stop();
    expect(cluster.openWatches).toBe(0);
  });

  it('draws the length of each watch anew, between 300 and 600 seconds', async () => {
    const { cluster, clock, stop } = rig({ checkpoint: '100' });
    for (let i = 0; i < 6; i += 1) {
      await clock.advance(20_000);
      cluster.bookmark();
      cluster.eachWatch((body) => body.close());
    }

    const seconds = cluster.requests.map(({ query }) => Number(query?.timeoutSeconds));
    expect(Math.min(...seconds)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...seconds)).toBeLessThanOrEqual(600);
    expect(new Set(seconds).size).toBeGreaterThan(3);
    await stop();
  });

  it('replaces a watch on which nothing comes in under 90 seconds', async () => {
    const { cluster, clock, driver, stop } = rig({ checkpoint: '100' });
    await clock.advance(79_000);
    expect(cluster.requests).toHaveLength(1);

    await clock.advance(11_000);

    expect(cluster.requests).toHaveLength(2);
    expect(driver.status.state).toBe('watching');
    await stop();
  });

  it('gives up a request that is never answered', async () => {
    const { cluster, clock, driver, stop } = rig();
    cluster.intercept = () => new Promise(() => undefined);
    await clock.advance(81_000);

    expect(driver.status).toMatchObject({ state: 'lost', reason: 'connection idle' });
    await stop();
  });

  it.each<[string, string, (rig: Rig) => void]>([
    [
      'a list',
      '',
      ({ cluster }) => (cluster.intercept = () => wholeResponse(200, '{"kind":"PodL')),
    ],
    [
      'a watch',
      '100',
      ({ cluster }) =>
        cluster.eachWatch((body) => {
          body.write('{"type":"ADDED","object":{"kin');
          body.close();
        }),
    ],
  ])('tells %s that stops in the middle from one that ends', async (_, checkpoint, cut) => {
    const it = rig({ checkpoint });
    if (checkpoint !== '') await it.clock.advance(30_000);
    cut(it);
    await settle();

    expect(it.driver.status).toMatchObject({ state: 'lost', reason: 'connection truncated' });
    await it.stop();
  });

  describe('while the output has no room', () => {
    it('does not read the socket, and loses nothing', async () => {
      const { cluster, sink, stop } = rig({ checkpoint: '100' });
      await settle();
      sink.block();
      for (const name of ['a', 'b', 'c', 'd']) cluster.apply(PODS, { name });
      await settle();

      let unread = 0;
      cluster.eachWatch((body) => (unread += body.unread));
      expect(unread).toBe(3);
      expect(names(sink)).toEqual(['a']);
      sink.unblock();
      await settle();
      expect(names(sink)).toEqual(['a', 'b', 'c', 'd']);
      await stop();
    });

    it('does not take its own silence for a dead connection', async () => {
      const { cluster, clock, sink, stop } = rig({ checkpoint: '100' });
      await settle();
      sink.block();
      cluster.apply(PODS, { name: 'a' });
      await clock.advance(600_000);
      sink.unblock();
      await clock.advance(70_000);

      expect(cluster.requests).toHaveLength(1);
      await stop();
    });

    it('ends when it is told to', async () => {
      const { cluster, sink, stop, clock } = rig({ checkpoint: '100' });
      await settle();
      sink.block();
      cluster.apply(PODS, { name: 'a' });
      await settle();

      await stop();

      expect(clock.sleepers).toBe(0);
      expect(cluster.openWatches).toBe(0);
    });
  });

  it('hands objects on while the rest of the list is still coming', async () => {
    const { cluster, sink, stop } = rig();
    let body = new MemoryBody();
    cluster.intercept = ({ signal }) => memoryResponse(200, (body = new MemoryBody(signal)));
    await settle();
    body.write('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[');
    body.write('{"metadata":{"name":"a","namespace":"default","uid":"u","resourceVersion":"1"}},');
    await settle();

    expect(sink.feed('pods')!.deltas.map(({ kind }) => kind)).toEqual(['init', 'initApplied']);
    await stop();
  });

  it('holds a permit for as long as it lists, and not while it pauses', async () => {
    const permits = new ListPermits({ total: 1 });
    const { cluster, clock, stop } = rig({ permits, tuning: { pageLimit: 1 } });
    const body = new MemoryBody();
    cluster.intercept = ({ query }) => {
      if (query?.continue === undefined) return undefined;
      return cluster.requests.length > 2 ? undefined : memoryResponse(200, body);
    };
    cluster.apply(PODS, { name: 'a' });
    cluster.apply(PODS, { name: 'b' });
    await settle();
    expect(permits.active).toBe(1);

    body.break();
    await settle();
    expect(permits.active).toBe(0);
    await clock.advance(1_000);

    expect(cluster.openWatches).toBe(1);
    expect(permits.active).toBe(0);
    await stop();
  });

  it('leaves out an object that is too large, tells of it once, and goes on', async () => {
    const told: UnscannableObject[] = [];
    const observer = { unscannable: (_: unknown, object: UnscannableObject) => told.push(object) };
    const { cluster, sink, stop } = rig({ observer, tuning: { maxObjectBytes: 2_000 } });
    const rest = { spec: 'x'.repeat(4_000) };
    cluster.apply(PODS, { name: 'big', rest });
    cluster.apply(PODS, { name: 'small' });
    await settle();
    cluster.apply(PODS, { name: 'big', rest });
    cluster.apply(PODS, { name: 'late' });
    await settle();

    expect(names(sink)).toEqual(['small', 'late']);
    expect(told).toMatchObject([
      { reason: 'tooLarge', name: 'big', repeated: false },
      { reason: 'tooLarge', name: 'big', repeated: true },
    ]);
    await stop();
  });

  it('does not take an object for gone that is too large in a later snapshot', async () => {
    const { cluster, clock, sink, stop } = rig({ tuning: { maxObjectBytes: 2_000 } });
    cluster.apply(PODS, { name: 'grows' });
    cluster.apply(PODS, { name: 'goes' });
    await settle();
    expect(names(sink)).toEqual(['grows', 'goes']);
    const rest = { spec: 'x'.repeat(4_000) };

    cluster.intercept = () => statusResponse(503);
    cluster.eachWatch((body) => body.break());
    await settle();
    cluster.apply(PODS, { name: 'grows', rest });
    cluster.delete(PODS, 'default/goes');
    cluster.compact();
    cluster.intercept = () => undefined;
    await clock.advance(60_000);

    expect(names(sink)).toEqual(['grows']);
    await stop();
  });

  describe('of Secrets', () => {
    const secrets: ResourceType = { ...PODS, resource: 'secrets', kind: 'Secret' };
    const rest = { data: { password: 'aHVudGVyMg==' }, type: 'Opaque' };

    function text(sink: RecordingSink): string {
      const [seen] = [...sink.feed('secrets')!.view.values()];
      return Buffer.from(seen!.bytes).toString();
    }

    it('asks for metadata alone', async () => {
      const { cluster, stop } = rig({ cluster: new MemoryCluster([secrets]), type: secrets });
      await settle();

      expect(cluster.requests.map(({ headers }) => headers?.accept)).toEqual([
        'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
        'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
      ]);
      await stop();
    });

    it('reads whole ones and cuts their values where a server refuses (406)', async () => {
      const cluster = new MemoryCluster([secrets]);
      cluster.apply(secrets, { name: 's', rest });
      cluster.intercept = ({ headers }) =>
        headers?.accept?.includes('as=Partial') === true ? statusResponse(406) : undefined;
      const { sink, stop } = rig({ cluster, type: secrets });
      await settle();

      expect(JSON.parse(text(sink))).toMatchObject({ kind: 'Secret', metadata: { name: 's' } });
      expect(text(sink)).not.toContain('aHVudGVyMg');
      // Refused once; from then on it asks for what is to be had.
      expect(cluster.requests.map(({ headers }) => headers?.accept)).toEqual([
        'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
        'application/json',
        'application/json',
      ]);
      await stop();
    });

    it('cuts values also where a server sends them unasked', async () => {
      const cluster = new MemoryCluster([secrets]);
      cluster.apply(secrets, { name: 's', rest });
      const { sink, stop } = rig({ cluster, type: secrets });
      await settle();
      expect(text(sink)).not.toContain('aHVudGVyMg');

      cluster.apply(secrets, { name: 's', rest: { data: { other: 'aHVudGVyMw==' } } });
      await settle();

      expect(text(sink)).not.toContain('aHVudGVyMw');
      await stop();
    });
  });

  it('says that a snapshot is incomplete when not even the name of an object could be read', async () => {
    const { cluster, sink, stop } = rig();
    const item = '{"metadata":{"name":"a","namespace":"default","uid":"u","resourceVersion":"1"}}';
    const body = (items: string): string =>
      `{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"9"},"items":[${items}]}`;
    cluster.intercept = ({ query }) =>
      query?.watch === 'true' ? undefined : wholeResponse(200, body(`${item},{"metadata":{}}`));
    await settle();

    expect(sink.feed('pods')!.deltas.map(({ kind }) => kind)).toEqual([
      'init',
      'initApplied',
      'initDone',
    ]);
    expect(sink.feed('pods')!.deltas.at(-1)).toMatchObject({ isComplete: false });
    await stop();
  });

  it('reads the credentials anew at once after a 401', async () => {
    const { cluster, stop } = rig();
    cluster.intercept = () => (cluster.reloads === 0 ? statusResponse(401) : undefined);
    await settle();

    expect(cluster.reloads).toBe(1);
    expect(cluster.openWatches).toBe(1);
    await stop();
  });

  it('goes on when the credentials cannot be read', async () => {
    const { cluster, clock, driver, stop } = rig();
    cluster.intercept = () => statusResponse(401);
    cluster.reloadCredentials = () => Promise.reject(new Error('no file'));
    await clock.advance(60_000);
    expect(driver.status).toMatchObject({ state: 'lost', reason: 'HTTP 401' });

    cluster.intercept = () => undefined;
    await clock.advance(60_000);

    expect(driver.status.state).toBe('watching');
    await stop();
  });

  it.each(['throws', 'rejects'])('fails as a whole when the output %s', async (how) => {
    const failure = new Error('disk full');
    const output: FeedOutput = {
      status: () => undefined,
      write: (_: Delta) => {
        if (how === 'throws') throw failure;
        return Promise.reject(failure);
      },
    };
    const { running, cluster, permits } = rig({ output });

    await expect(running).rejects.toBe(failure);
    expect(cluster.openWatches).toBe(0);
    expect(permits.active).toBe(0);
  });

  it('tells each change of its state once, with since when', async () => {
    const changes: string[] = [];
    const { cluster, clock, sink, stop } = rig({
      checkpoint: '100',
      observer: { transition: (_, from, to) => changes.push(`${from} ${to}`) },
    });
    await settle();
    cluster.intercept = () => statusResponse(503);
    cluster.eachWatch((body) => body.break());
    await clock.advance(100_000);
    cluster.intercept = () => undefined;
    await clock.advance(60_000);

    expect(changes).toEqual(['discovering watching', 'watching lost', 'lost watching']);
    const lost = sink.feed('pods')!.statuses.filter(({ state }) => state === 'lost');
    expect(lost.map(({ reason }) => reason)).toEqual([
      'connection network (ECONNRESET)',
      'HTTP 503',
    ]);
    expect(new Set(lost.map(({ sinceMs }) => sinceMs)).size).toBe(1);
    await stop();
  });

  describe('asked for a new snapshot', () => {
    it('takes one while it watches, and watches from there', async () => {
      const reasons: string[] = [];
      const observer = { relisted: (_: unknown, reason: string) => void reasons.push(reason) };
      const { cluster, sink, driver, stop } = rig({ checkpoint: '100', observer });
      await settle();

      driver.relist();
      await settle();
      cluster.apply(PODS, { name: 'later' });
      await settle();

      expect(reasons).toEqual(['repair']);
      expect(sink.feed('pods')!.deltas.map(({ kind }) => kind)).toEqual([
        'init',
        'initDone',
        'applied',
      ]);
      expect(cluster.openWatches).toBe(1);
      await stop();
    });

    it('works off what it is reading before', async () => {
      const { cluster, sink, driver, stop } = rig();
      await settle();
      sink.block();
      cluster.apply(PODS, { name: 'a' });
      await settle();

      driver.relist();
      await settle();
      const whileBlocked = cluster.requests.length;
      sink.unblock();
      await settle();

      expect(whileBlocked).toBe(2);
      expect(sink.feed('pods')!.deltas.map(({ kind }) => kind)).toEqual([
        'init',
        'initDone',
        'applied',
        'init',
        'initApplied',
        'initDone',
      ]);
      await stop();
    });

    it('does nothing where a snapshot is taken already', async () => {
      const { cluster, driver, stop } = rig();
      cluster.intercept = () => new Promise(() => undefined);
      await settle();

      driver.relist();
      await settle();

      expect(cluster.requests).toHaveLength(1);
      await stop();
    });
  });
});
