/**
 * What the engine itself costs per object: CPU time of a feed whose scanner hands out objects that
 * were made before and whose output takes them at once, so that neither bytes nor HTTP count.
 * Run: `node --conditions=@fairlead/source libs/watch-engine/bench/engine-bench.ts [objects per run]`.
 * Prints medians of 7 runs.
 */
import process from 'node:process';
import type {
  ListScanEvent,
  ScannedObject,
  Scanner,
  WatchScanEvent,
} from '@fairlead/secret-scrubber';
import {
  AccountWatcher,
  ListPermits,
  noObserver,
  type ClusterApi,
  type ClusterApiResponse,
  type DeltaSink,
} from '../src/index.ts';

const objectsPerRun = Number(process.argv[2] ?? 400_000);
/** A chunk of 64 KiB holds about as many Pods of 3 KB. */
const objectsPerChunk = 21;
const runs = 7;

/** Ways to read the same objects. */
type Way = 'list' | 'watch';

interface Counting extends DeltaSink {
  readonly seen: () => number;
}

function countingSink(until: number, done: () => void): Counting {
  let seen = 0;
  return {
    open: () => ({
      write: (delta) => {
        if (!('object' in delta)) return;
        seen += 1;
        if (seen === until) done();
      },
      status: () => undefined,
    }),
    retire: () => undefined,
    seen: () => seen,
  };
}

function objects(): readonly ScannedObject[] {
  return Array.from({ length: objectsPerChunk }, (_, index) => ({
    bytes: new Uint8Array(3000),
    apiVersion: 'v1',
    kind: 'Pod',
    namespace: `ns-${index % 5}`,
    name: `pod-${index}`,
    uid: `uid-${index}`,
    resourceVersion: '1',
    annotations: new Map<string, string>(),
    scrubbedValues: 0,
  }));
}

const sample = objects();
const listEvents: readonly ListScanEvent[] = sample.map((object) => ({ kind: 'object', object }));

function listScanner(): Scanner<ListScanEvent> {
  return {
    push: () => listEvents,
    end: () => [{ kind: 'listMeta', resourceVersion: '100', continueToken: '' }],
    release: () => undefined,
    dispose: () => undefined,
  };
}

function watchScanner(): Scanner<WatchScanEvent> {
  let version = 1_000_000;
  return {
    push: () => {
      version += 1;
      const resourceVersion = String(version);
      return sample.map((object) => ({ kind: 'modified', object: { ...object, resourceVersion } }));
    },
    end: () => [],
    release: () => undefined,
    dispose: () => undefined,
  };
}

function fakeApi(way: Way): ClusterApi {
  const chunk = new Uint8Array(1);
  const chunks = Math.ceil(objectsPerRun / objectsPerChunk);
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    for (let i = 0; i < chunks; i += 1) yield chunk;
    if (way === 'watch') await new Promise(() => undefined);
  }
  const never = new Promise<ClusterApiResponse>(() => undefined);
  let isServed = false;
  return {
    reloadCredentials: () => Promise.resolve(),
    request: ({ path, query }) => {
      if (path === '/api') return Promise.resolve(document(discovery));
      if (path === '/apis') return Promise.resolve(document({ ...discovery, items: [] }));
      if (path === '/api/v1/namespaces') return Promise.resolve(document(position));
      if (path !== '/api/v1/pods') return Promise.resolve({ ...document({}), status: 404 });
      if (isServed || (query?.watch === 'true') !== (way === 'watch')) return never;
      isServed = true;
      return Promise.resolve({ ...document({}), body: body() });
    },
  };
}

const position = { metadata: { resourceVersion: '1' }, items: [] };

const discovery = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: { name: '' },
      versions: [
        {
          version: 'v1',
          resources: [
            {
              resource: 'pods',
              responseKind: { kind: 'Pod' },
              scope: 'Namespaced',
              verbs: ['list', 'watch'],
            },
          ],
        },
      ],
    },
  ],
};

function document(content: unknown): ClusterApiResponse {
  const text = JSON.stringify(content);
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    yield await Promise.resolve(Buffer.from(text));
  }
  return { status: 200, headers: {}, body: body(), text: () => Promise.resolve(text) };
}

/** As the agent does it. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** No pause of a run ends but by its end. */
function sleepForever(_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });
}

/** CPU microseconds per object of one run. */
async function run(way: Way): Promise<number> {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const total = Math.ceil(objectsPerRun / objectsPerChunk) * objectsPerChunk;
  const sink = countingSink(total, () => resolve(undefined));
  const watcher = new AccountWatcher({
    api: fakeApi(way),
    sink,
    clock: { nowMs: () => Date.now(), sleep: sleepForever },
    random: { next: () => 0.5 },
    permits: new ListPermits({ breathe: nextTurn }).forAccount('bench'),
    observer: noObserver,
    options: { kinds: ['pod'], tuning: { streamingLists: 'off' } },
    checkpoints:
      way === 'list'
        ? []
        : [
            {
              group: '',
              version: 'v1',
              resource: 'pods',
              kind: 'Pod',
              namespace: '',
              namespaced: true,
              resourceVersion: '1',
            },
          ],
    scanners: { list: listScanner, watch: watchScanner },
  });
  const before = process.cpuUsage();
  void watcher.run(controller.signal);
  await promise;
  const { user, system } = process.cpuUsage(before);
  controller.abort();
  return (user + system) / sink.seen();
}

for (const way of ['list', 'watch'] as const) {
  await run(way);
  const costs: number[] = [];
  for (let i = 0; i < runs; i += 1) costs.push(await run(way));
  costs.sort((a, b) => a - b);
  process.stdout.write(`${way}: ${costs[runs >> 1]?.toFixed(3) ?? ''} us CPU per object\n`);
}
