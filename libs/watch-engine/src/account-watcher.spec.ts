import { AccountWatcher } from './account-watcher.ts';
import type { ClusterApiRequest } from './cluster-api.ts';
import type { Checkpoint } from './delta-sink.ts';
import { ListPermits } from './list-permits.ts';
import type { ResourceType } from './resource-type.ts';
import {
  FakeClock,
  MemoryCluster,
  PODS,
  RecordingSink,
  seededRandom,
  settle,
  statusResponse,
} from './testing/index.ts';
import { noObserver, type DiscoverySummary, type WatchObserver } from './watch-observer.ts';
import type { WatchOptions } from './watch-options.ts';

const CRDS: ResourceType = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
  kind: 'CustomResourceDefinition',
  namespaced: false,
};
const TABS: ResourceType = {
  group: 'example.com',
  version: 'v1',
  resource: 'tabs',
  kind: 'Tab',
  namespaced: true,
};
const BOTH: WatchOptions = { kinds: ['pod', 'tab.example.com'] };

interface Rig {
  readonly clock: FakeClock;
  readonly cluster: MemoryCluster;
  readonly sink: RecordingSink;
  readonly watcher: AccountWatcher;
  readonly running: Promise<void>;
  /** Requests for this resource so far. */
  asked(resource: string): readonly ClusterApiRequest[];
  stop(): Promise<void>;
}

function rig(
  options: {
    readonly types?: readonly ResourceType[];
    readonly watch?: WatchOptions;
    readonly checkpoints?: readonly Checkpoint[];
    readonly observer?: Partial<WatchObserver>;
    readonly sink?: RecordingSink;
    readonly before?: (cluster: MemoryCluster) => void;
  } = {},
): Rig {
  const clock = new FakeClock();
  const cluster = new MemoryCluster(options.types ?? [PODS, CRDS]);
  options.before?.(cluster);
  const sink = options.sink ?? new RecordingSink();
  const watcher = new AccountWatcher({
    api: cluster,
    sink,
    clock,
    random: seededRandom(3),
    permits: new ListPermits().forAccount('test'),
    observer: { ...noObserver, ...options.observer },
    options: options.watch ?? BOTH,
    checkpoints: options.checkpoints ?? [],
  });
  const controller = new AbortController();
  const running = watcher.run(controller.signal);
  running.catch(() => undefined);
  return {
    clock,
    cluster,
    sink,
    watcher,
    running,
    asked: (resource) => cluster.requests.filter(({ path }) => path.endsWith(`/${resource}`)),
    stop: () => {
      controller.abort();
      return running;
    },
  };
}

/** A CRD's appearance, as the cluster tells it. */
function define(cluster: MemoryCluster, type: ResourceType): void {
  cluster.serve(type);
  cluster.apply(CRDS, { name: `${type.resource}.${type.group}` });
}

describe(AccountWatcher, () => {
  it('resumes the feeds that have a checkpoint and lists the others', async () => {
    const started: string[] = [];
    const { stop } = rig({
      types: [PODS, CRDS, TABS],
      checkpoints: [{ ...PODS, namespace: '', resourceVersion: '100' }],
      observer: { started: ({ resource }, mode) => started.push(`${resource} ${mode}`) },
    });
    await settle();

    expect(started).toEqual(['pods resume', 'tabs list']);
    await stop();
  });

  it('starts the feed of a type that appears within seconds, and touches no other', async () => {
    const { cluster, clock, sink, asked, stop } = rig();
    await clock.advance(60_000);
    const before = asked('pods').length;

    define(cluster, TABS);
    cluster.apply(TABS, { name: 'one' });
    await clock.advance(5_000);

    expect([...sink.feed('tabs')!.view.keys()]).toEqual(['default/one']);
    expect(asked('pods')).toHaveLength(before);
    await stop();
  });

  it('finds a type that is served only a moment after it was announced', async () => {
    const { cluster, clock, sink, stop } = rig();
    await clock.advance(60_000);

    cluster.apply(CRDS, { name: 'tabs.example.com' });
    await clock.advance(5_000);
    expect(sink.feed('tabs')).toBeUndefined();
    cluster.serve(TABS);
    await clock.advance(15_000);

    expect(sink.feed('tabs')).toBeDefined();
    await stop();
  });

  it('retires the feed of a type that goes away, and no other', async () => {
    const { cluster, clock, sink, watcher, stop } = rig({ types: [PODS, CRDS, TABS] });
    await clock.advance(60_000);

    cluster.withdraw(TABS);
    await clock.advance(5_000);

    const { group, resource, kind } = TABS;
    expect(sink.retired).toEqual([{ group, resource, kind, namespace: '' }]);
    expect(watcher.feeds().map(({ key }) => key.resource)).toEqual(['pods']);
    await stop();
  });

  it('replaces the feed when the version changes, with a new list and without retiring', async () => {
    const { cluster, clock, sink, asked, stop } = rig({ types: [PODS, CRDS, TABS] });
    cluster.apply(TABS, { name: 'one' });
    await clock.advance(60_000);
    const before = asked('pods').length;

    define(cluster, { ...TABS, version: 'v2' });
    await clock.advance(5_000);

    const feed = sink.feed('tabs')!;
    expect(feed.key.version).toBe('v2');
    expect(feed.deltas.map(({ kind }) => kind)).toEqual(['init', 'initApplied', 'initDone']);
    expect(sink.retired).toEqual([]);
    expect(asked('pods')).toHaveLength(before);
    await stop();
  });

  it('looks again every five minutes where definitions may not be read', async () => {
    const { cluster, clock, sink, stop } = rig({
      before: (cluster) => {
        cluster.intercept = ({ path }) =>
          path.includes('apiextensions') ? statusResponse(403, 'Forbidden') : undefined;
      },
    });
    await clock.advance(30_000);
    cluster.serve(TABS);
    await clock.advance(200_000);
    expect(sink.feed('tabs')).toBeUndefined();

    await clock.advance(140_000);

    expect(sink.feed('tabs')).toBeDefined();
    await stop();
  });

  it('waits for a cluster that cannot be discovered, with growing pauses, retiring nothing', async () => {
    const failures: number[] = [];
    const { cluster, clock, sink, stop } = rig({
      before: (cluster) => (cluster.intercept = () => statusResponse(503)),
      checkpoints: [{ ...PODS, namespace: '', resourceVersion: '100' }],
      observer: { discoveryFailed: (_, retryInMs) => failures.push(retryInMs) },
    });
    await clock.advance(120_000);
    expect(failures.length).toBeGreaterThan(4);
    expect(failures.length).toBeLessThan(12);
    expect(failures[4]).toBeGreaterThan(failures[0]!);
    expect(sink.retired).toEqual([]);

    cluster.intercept = () => undefined;
    await clock.advance(31_000);

    expect(sink.feed('pods')).toBeDefined();
    await stop();
  });

  it('does not discover before the time that the server asks for', async () => {
    const failures: number[] = [];
    const { clock, cluster, stop } = rig({
      before: (cluster) =>
        (cluster.intercept = () => statusResponse(429, 'TooManyRequests', { 'retry-after': '20' })),
      observer: { discoveryFailed: (_, retryInMs) => failures.push(retryInMs) },
    });
    await clock.advance(19_000);
    const asked = cluster.requests.filter(({ path }) => path === '/apis');

    expect(failures[0]).toBeGreaterThanOrEqual(20_000);
    expect(asked).toHaveLength(1);
    await stop();
  });

  it('keeps feeds of a group that cannot be read, and starts none', async () => {
    const summaries: DiscoverySummary[] = [];
    const { cluster, clock, sink, stop } = rig({
      types: [PODS, CRDS, TABS],
      observer: { discovered: (summary) => summaries.push(summary) },
    });
    await clock.advance(60_000);

    cluster.staleGroups = ['example.com'];
    cluster.apply(TABS, { name: 'one' });
    await clock.advance(700_000);

    expect(sink.retired).toEqual([]);
    expect([...sink.feed('tabs')!.view.keys()]).toEqual(['default/one']);
    expect(summaries.at(-1)).toMatchObject({ incompleteGroups: ['example.com'], feeds: 2 });
    await stop();
  });

  it('opens a feed as waiting when its group cannot be read, and resumes it later', async () => {
    const { cluster, clock, sink, stop } = rig({
      types: [PODS, CRDS, TABS],
      before: (cluster) => (cluster.staleGroups = ['example.com']),
      checkpoints: [{ ...TABS, namespace: '', resourceVersion: '100' }],
    });
    await clock.advance(30_000);
    expect(sink.feed('tabs')!.statuses.map(({ state }) => state)).toEqual(['discovering']);

    cluster.staleGroups = [];
    cluster.apply(TABS, { name: 'one' });
    await clock.advance(400_000);

    expect(sink.feed('tabs')!.deltas[0]).toMatchObject({ kind: 'applied' });
    await stop();
  });

  it('retires what a checkpoint names and nobody wants any more', async () => {
    const secrets: Checkpoint = {
      ...PODS,
      resource: 'secrets',
      kind: 'Secret',
      namespace: '',
      resourceVersion: '9',
    };
    const { sink, stop } = rig({ checkpoints: [secrets] });
    await settle();

    expect(sink.retired).toEqual([
      { group: '', resource: 'secrets', kind: 'Secret', namespace: '' },
    ]);
    await stop();
  });

  it('watches definitions once, whether they are followed or not', async () => {
    const inner = rig();
    const both = rig({ watch: { kinds: ['pod', 'customResourceDefinition'] } });
    await inner.clock.advance(1_000);
    await both.clock.advance(1_000);

    const watches = (it: Rig): number =>
      it.asked('customresourcedefinitions').filter(({ query }) => query?.watch).length;
    expect([watches(inner), watches(both)]).toEqual([1, 1]);
    expect(inner.sink.resources()).toEqual(['pods']);
    expect(both.sink.resources()).toEqual(['customresourcedefinitions', 'pods']);
    await inner.stop();
    await both.stop();
  });

  it('leaves cluster-scoped resources alone when told to, and asks per namespace', async () => {
    const { cluster, clock, stop } = rig({
      watch: { kinds: ['*'], namespaces: ['a', 'b'], onlyNamespacedResources: true },
    });
    await clock.advance(700_000);

    const paths = new Set(cluster.requests.map(({ path }) => path));
    expect([...paths].sort()).toEqual([
      '/api',
      '/api/v1/namespaces/a/pods',
      '/api/v1/namespaces/b/pods',
      '/apis',
    ]);
    await stop();
  });

  it('shows a forbidden kind as such while the others go on', async () => {
    const { cluster, clock, watcher, stop } = rig({
      types: [PODS, CRDS, TABS],
      before: (cluster) => {
        cluster.intercept = ({ path }) =>
          path.endsWith('/tabs') ? statusResponse(403, 'Forbidden') : undefined;
      },
    });
    await clock.advance(600_000);

    const states = watcher.feeds().map(({ key, status }) => `${key.resource} ${status.state}`);
    expect(states).toEqual(['pods watching', 'tabs forbidden']);
    const asked = cluster.requests.filter(({ path }) => path.endsWith('/tabs')).length;
    expect(asked).toBeLessThanOrEqual(11);
    await stop();
  });

  it('ends every feed and fails when the sink fails', async () => {
    const failure = new Error('link closed');
    class FailingSink extends RecordingSink {
      override open(): ReturnType<RecordingSink['open']> {
        return { status: () => undefined, write: () => Promise.reject(failure) };
      }
    }
    const { running, cluster, clock } = rig({ sink: new FailingSink() });

    await expect(running).rejects.toBe(failure);
    expect(cluster.openWatches).toBe(0);
    expect(clock.sleepers).toBe(0);
  });

  it('ends at once when it is aborted, wherever it is', async () => {
    const atDiscovery = rig({
      before: (cluster) => (cluster.intercept = () => new Promise(() => undefined)),
    });
    const whileWatching = rig();
    await whileWatching.clock.advance(1_000);

    await atDiscovery.stop();
    await whileWatching.stop();

    expect(whileWatching.cluster.openWatches).toBe(0);
    expect(whileWatching.clock.sleepers + atDiscovery.clock.sleepers).toBe(0);
  });
});
