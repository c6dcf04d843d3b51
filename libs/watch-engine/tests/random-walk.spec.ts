/**
 * Whatever happens between a cluster and its watcher, at every calm the consumer's view is the
 * cluster's content, and on the way nothing was told to be gone that was not, nor anything to be
 * as it had been before. WALK_STEPS says how many steps, half of them with streaming lists: `WALK_STEPS=1000000 npx jest ... random-walk`.
 */
import fc from 'fast-check';
import {
  AccountWatcher,
  ListPermits,
  noObserver,
  type ClusterApiRequest,
  type ClusterApiResponse,
  type ResourceType,
} from '../src/index.ts';
import {
  errorEvent,
  FakeClock,
  isPositionRequest,
  MemoryBody,
  MemoryCluster,
  memoryResponse,
  PODS,
  RecordingSink,
  seededRandom,
  settle,
  statusObject,
  statusResponse,
  wholeResponse,
  type ClusterBackup,
  type SeenObject,
} from '../src/testing/index.ts';

const STEPS = Number(process.env.WALK_STEPS ?? 100_000);
const STEPS_PER_WALK = 60;
/** More than a walk can change: a restored cluster does not pass where its watcher had been. */
const CHANGES_SINCE_BACKUP = 10_000;

const TABS: ResourceType = {
  group: 'stable.example.com',
  version: 'v1',
  resource: 'crontabs',
  kind: 'CronTab',
  namespaced: true,
};
const TABS_V2: ResourceType = { ...TABS, version: 'v2' };
const TYPES = [PODS, TABS];

/** What a request may be answered with instead of what it asks for. */
const FAULTS = [
  'http410',
  'http422',
  'http429',
  'http500',
  'http502html',
  'http504',
  'http401',
  'http404',
  'html',
  'empty',
  'network',
  'noAnswer',
  'silence',
  'cut',
  'cutMidChunk',
  'shredded',
] as const;
type Fault = (typeof FAULTS)[number];

/** What happens to the cluster, to open connections, to the consumer or to the watcher itself. */
const EVENTS = [
  'compact',
  'close',
  'break',
  'halfLine',
  'malformedLine',
  'garbledEvent',
  'error410',
  'error500',
  'bookmark',
  'oldEvent',
  'lag',
  'forbid',
  'allow',
  'rotateToken',
  'conversionFails',
  'conversionWorks',
  'block',
  'unblock',
  'restart',
  'restartServer',
  'backup',
  'restore',
  'withdraw',
  'serve',
  'switchVersion',
  'groupDown',
  'groupUp',
  'bookmarksOff',
  'bookmarksOn',
  'streamingOff',
  'streamingOn',
  'hidePosition',
  'showPosition',
  'relist',
  'calm',
] as const;

type Command =
  | { readonly do: 'apply' | 'delete'; readonly type: number; readonly name: number }
  | { readonly do: (typeof EVENTS)[number] }
  | { readonly do: 'fault'; readonly fault: Fault; readonly times: number }
  | { readonly do: 'advance'; readonly ms: number };

const commands: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('apply' as const, 'apply' as const, 'delete' as const),
      type: fc.nat(1),
      name: fc.nat(7),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(...EVENTS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom('backup' as const, 'restore' as const, 'lag' as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fault' as const),
      fault: fc.constantFrom(...FAULTS),
      times: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('advance' as const),
      ms: fc.oneof(fc.nat(2_000), fc.nat(100_000), fc.nat(700_000)),
    }),
  },
);

interface Running {
  readonly watcher: AccountWatcher;
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

/** A cluster, its watcher and a consumer, and what a walk does to them. */
class World {
  readonly clock = new FakeClock();
  readonly cluster = new MemoryCluster(TYPES);
  readonly sink = new RecordingSink();
  readonly #random = seededRandom(7);
  readonly #permits = new ListPermits({ total: 1, breathe: settle });
  readonly #streaming: 'auto' | 'off';
  readonly #everDeleted = new Set<string>();
  #faults: Fault[] = [];
  #tabs = TABS;
  #lags = 0;
  #isForbidden = false;
  #isTokenOld = false;
  #isConversionBroken = false;
  #isPositionHidden = false;
  #hasRestored = false;
  #isRestored = false;
  #backup: ClusterBackup | undefined;
  #lastSeen = new Map<string, SeenObject>();
  #running: Running;

  constructor(streaming: 'auto' | 'off') {
    this.#streaming = streaming;
    this.cluster.intercept = (request) => this.#intercept(request);
    const reload = this.cluster.reloadCredentials.bind(this.cluster);
    this.cluster.reloadCredentials = () => {
      this.#isTokenOld = false;
      return reload();
    };
    this.#running = this.#start();
  }

  async run(command: Command): Promise<void> {
    await this.#do(command);
    await settle();
    this.#checkTheWay();
  }

  /** Lets the world calm down and compares. */
  async calm(): Promise<void> {
    this.#isRestored = false;
    this.#lags = 0;
    this.#faults = [];
    this.#isForbidden = false;
    this.#isConversionBroken = false;
    this.cluster.staleGroups = [];
    this.sink.unblock();
    for (let minute = 0; minute < 12; minute += 1) {
      await this.clock.advance(60_000);
      this.cluster.bookmark();
    }
    await settle();
    for (const type of TYPES) {
      const objects = [...this.cluster.objects(type)].map(([id, { metadata }]) => [
        id,
        `${metadata.uid}@${metadata.resourceVersion}`,
      ]);
      const seen = [...(this.sink.feed(type.resource)?.view ?? [])].map(([id, object]) => [
        id,
        `${object.uid}@${object.resourceVersion}`,
      ]);
      expect(seen.sort()).toEqual(objects.sort());
    }
  }

  async stop(): Promise<void> {
    this.#running.controller.abort();
    await this.#running.done;
    expect(this.cluster.openWatches).toBe(0);
    expect(this.clock.sleepers).toBe(0);
    expect(this.#permits.active).toBe(0);
  }

  #start(): Running {
    const controller = new AbortController();
    const watcher = new AccountWatcher({
      api: this.cluster,
      sink: this.sink,
      clock: this.clock,
      random: this.#random,
      permits: this.#permits.forAccount('walk'),
      observer: noObserver,
      options: { kinds: ['*'], tuning: { pageLimit: 2, streamingLists: this.#streaming } },
      checkpoints: this.sink.checkpoints(),
    });
    return { watcher, controller, done: watcher.run(controller.signal) };
  }

  async #do(command: Command): Promise<void> {
    switch (command.do) {
      case 'apply':
      case 'delete':
        this.#change(command);
        return;
      case 'fault':
        this.#faults.push(...Array<Fault>(command.times).fill(command.fault));
        return;
      case 'advance':
        return this.clock.advance(command.ms);
      case 'calm':
        return this.calm();
      case 'restart':
        await this.stop();
        this.#running = this.#start();
        return;
      default:
        this.#happen(command.do);
    }
  }

  #happen(event: Exclude<(typeof EVENTS)[number], 'calm' | 'restart'>): void {
    const { cluster, sink } = this;
    const happenings: Readonly<Record<typeof event, () => void>> = {
      compact: () => cluster.compact(),
      close: () => cluster.eachWatch((body) => body.close()),
      break: () => cluster.eachWatch((body) => body.break()),
      halfLine: () =>
        cluster.eachWatch((body) => {
          body.write('{"type":"ADDED","object":{"kind":"Pod","metadata":{"na');
          body.close();
        }),
      garbledEvent: () => cluster.garbleNextEvent(),
      lag: () => (this.#lags += 2),
      malformedLine: () => cluster.eachWatch((body) => body.write('{"type":"ADDED",}\n')),
      error410: () => cluster.eachWatch((body) => body.write(errorEvent(410, 'Expired'))),
      error500: () => cluster.eachWatch((body) => body.write(errorEvent(500, 'InternalError'))),
      bookmark: () => cluster.bookmark(),
      oldEvent: () => this.#sendOldEvent(),
      forbid: () => this.#forbid(true),
      allow: () => this.#forbid(false),
      rotateToken: () => (this.#isTokenOld = true),
      conversionFails: () => (this.#isConversionBroken = true),
      conversionWorks: () => (this.#isConversionBroken = false),
      block: () => sink.block(),
      unblock: () => sink.unblock(),
      restartServer: () => cluster.restart(),
      backup: () => this.#takeBackup(),
      restore: () => this.#restore(),
      withdraw: () => this.#withdraw(),
      serve: () => cluster.serve(this.#tabs),
      switchVersion: () => this.#switchVersion(),
      groupDown: () => (cluster.staleGroups = [TABS.group]),
      groupUp: () => (cluster.staleGroups = []),
      bookmarksOff: () => (cluster.sendsBookmarks = false),
      bookmarksOn: () => (cluster.sendsBookmarks = true),
      streamingOff: () => (cluster.streamsLists = false),
      streamingOn: () => (cluster.streamsLists = true),
      hidePosition: () => (this.#isPositionHidden = true),
      showPosition: () => (this.#isPositionHidden = false),
      relist: () => {
        for (const { key } of this.#running.watcher.feeds()) this.#running.watcher.relist(key);
      },
    };
    happenings[event]();
  }

  #change(change: { readonly do: 'apply' | 'delete'; type: number; name: number }): void {
    const type = change.type === 0 ? PODS : this.#tabs;
    if (!this.cluster.serves(type)) return;
    const draft = { name: `o-${change.name}`, namespace: `ns-${change.name % 2}` };
    const id = `${draft.namespace}/${draft.name}`;
    if (change.do === 'apply') this.cluster.apply(type, draft);
    else {
      this.#forget(type, id);
      this.cluster.delete(type, id);
    }
  }

  #forget(type: ResourceType, id: string): void {
    const object = this.cluster.objects(type).get(id);
    if (object !== undefined) this.#everDeleted.add(object.metadata.uid);
  }

  #forbid(isForbidden: boolean): void {
    this.#isForbidden = isForbidden;
    this.cluster.eachWatch((body) => body.close());
  }

  #withdraw(): void {
    for (const id of this.cluster.objects(TABS).keys()) this.#forget(TABS, id);
    this.cluster.withdraw(TABS);
  }

  #switchVersion(): void {
    this.#tabs = this.#tabs === TABS ? TABS_V2 : TABS;
    if (this.cluster.serves(TABS)) this.cluster.serve(this.#tabs);
  }

  /** Not again until the restored cluster's watcher has come to rest: see above. */
  #takeBackup(): void {
    if (this.#isRestored) return;
    this.#backup = this.cluster.backup();
    this.cluster.changeElsewhere(CHANGES_SINCE_BACKUP);
  }

  #restore(): void {
    if (this.#backup === undefined) return;
    this.#hasRestored = true;
    this.#isRestored = true;
    this.cluster.restore(this.#backup);
    this.#backup = undefined;
  }

  /** An older state of a pod, as a replica that lags behind might send it. */
  #sendOldEvent(): void {
    const [object] = this.cluster.objects(PODS).values();
    if (object === undefined) return;
    const metadata = { ...object.metadata, resourceVersion: '50' };
    this.cluster.eachWatch((body) => {
      body.write({ type: 'MODIFIED', object: { ...object, metadata } });
    });
  }

  #intercept(
    request: ClusterApiRequest,
  ): ClusterApiResponse | Promise<ClusterApiResponse> | undefined {
    const fault = this.#faults.shift();
    if (fault !== undefined) return this.#faulty(fault, request);
    if (this.#isTokenOld) return statusResponse(401, 'Unauthorized');
    if (isPositionRequest(request)) {
      return this.#isPositionHidden ? statusResponse(403, 'Forbidden') : undefined;
    }
    if (this.#isLagging(request)) {
      const metadata = { resourceVersion: '60' };
      return wholeResponse(200, { kind: 'PodList', apiVersion: 'v1', metadata, items: [] });
    }
    const isTabs = request.path.endsWith('crontabs');
    if (isTabs && this.#isConversionBroken) return statusResponse(500, 'InternalError');
    const isFeed = isTabs || request.path.endsWith('pods');
    return isFeed && this.#isForbidden ? statusResponse(403, 'Forbidden') : undefined;
  }

  #faulty(
    fault: Fault,
    request: ClusterApiRequest,
  ): ClusterApiResponse | Promise<ClusterApiResponse> {
    switch (fault) {
      case 'http410':
        return statusResponse(410, 'Expired');
      case 'http422':
        return statusResponse(422, 'Invalid');
      case 'http429':
        return statusResponse(429, 'TooManyRequests', { 'retry-after': '7' });
      case 'http500':
        return statusResponse(500, 'InternalError');
      case 'http502html':
        return wholeResponse(502, '<html><body>Bad Gateway</body></html>');
      case 'http504':
        return wholeResponse(504, statusObject(504, 'Timeout', 'Too large resource version: 9'));
      case 'http401':
        return statusResponse(401, 'Unauthorized');
      case 'http404':
        // No cluster loses its namespaces; and one without them cannot be told from a restored one.
        if (isPositionRequest(request)) return this.cluster.answer(request);
        return statusResponse(404, 'NotFound');
      case 'html':
        return wholeResponse(200, '<html>\n<body>Welcome</body>\n</html>\n');
      case 'empty':
        return wholeResponse(200, '');
      case 'network':
        return Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
      case 'noAnswer':
        return new Promise((_, reject) =>
          request.signal?.addEventListener('abort', () => reject(new Error('aborted'))),
        );
      case 'silence':
        return memoryResponse(200, new MemoryBody(request.signal));
      case 'cut':
      case 'cutMidChunk':
      case 'shredded':
        return this.#mangled(request, fault);
    }
  }

  /** What the cluster answers, but only half of it, or in very small pieces. */
  async #mangled(
    request: ClusterApiRequest,
    how: 'cut' | 'cutMidChunk' | 'shredded',
  ): Promise<ClusterApiResponse> {
    const response = this.cluster.answer(request);
    if (request.query?.watch === 'true') return response;
    const text = await response.text();
    const body = new MemoryBody(request.signal);
    const size = how === 'shredded' ? 7 : Math.max(1, text.length >> 1);
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
    for (const piece of how === 'shredded' ? pieces : pieces.slice(0, 1)) body.write(piece);
    if (how === 'cutMidChunk') body.break();
    else body.close();
    return memoryResponse(response.status, body);
  }

  /**
   * A replica that is not where the others are answers a list, which no API server should let it do
   * without a resourceVersion. A first list is exempt, since nobody could tell; and asked where it is
   * (`limit=1`) a server says so: that this answer is the newest is what all else rests on.
   */
  #isLagging({ path, query = {} }: ClusterApiRequest): boolean {
    const isList = path.endsWith('pods') && query.watch === undefined && query.limit !== '1';
    const isFirst = this.sink.feed('pods')?.checkpoint === '';
    if (this.#lags === 0 || !isList || isFirst || query.continue !== undefined) return false;
    this.#lags -= 1;
    return true;
  }

  /**
   * An object may only leave the view if that very object, by uid, is gone; and while etcd is not
   * restored it never becomes what it was before.
   */
  #checkTheWay(): void {
    const seen = new Map<string, SeenObject>();
    for (const type of TYPES) {
      for (const [id, object] of this.sink.feed(type.resource)?.view ?? []) {
        seen.set(`${type.resource} ${id}`, object);
      }
    }
    const alive = new Set(
      TYPES.flatMap((type) => [...this.cluster.objects(type).values()]).map(
        ({ metadata }) => metadata.uid,
      ),
    );
    for (const [id, { uid, resourceVersion }] of this.#lastSeen) {
      const now = seen.get(id);
      if (now?.uid !== uid) {
        // What was deleted and came back with a backup may well be told to be gone.
        if (!alive.has(uid) || this.#everDeleted.has(uid)) continue;
        throw new Error(`${id} (${uid}) is there, and was told to be gone`);
      }
      if (!this.#hasRestored && Number(now.resourceVersion) < Number(resourceVersion)) {
        throw new Error(`${id} went back from ${resourceVersion} to ${now.resourceVersion}`);
      }
    }
    this.#lastSeen = seen;
  }
}

describe.each(['off', 'auto'] as const)('a random walk, streaming lists %s', (streaming) => {
  it('ends with the view of the consumer being the content of the cluster', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(commands, { minLength: STEPS_PER_WALK / 2, maxLength: STEPS_PER_WALK }),
        async (walk) => {
          const world = new World(streaming);
          for (const command of walk) await world.run(command);
          await world.calm();
          await world.stop();
          const elapsedMs = world.clock.nowMs() - 1_000_000;
          // Two feeds and discovery; a hot loop would be orders of magnitude above this.
          expect(world.cluster.requests.length).toBeLessThan(100 * walk.length + elapsedMs / 1000);
        },
      ),
      { seed: 20_261_122, numRuns: Math.ceil(STEPS / 2 / (STEPS_PER_WALK * 0.75)) },
    );
  }, 3_600_000);
});
