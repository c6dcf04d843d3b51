/**
 * Whatever happens between a cluster and its watcher, when it is over the consumer's view is the
 * cluster's content, and on the way nothing was told to be gone that was not.
 * WALK_STEPS turns the length up: `WALK_STEPS=100000 npx jest ... random-walk`.
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
  MemoryBody,
  MemoryCluster,
  memoryResponse,
  PODS,
  RecordingSink,
  seededRandom,
  settle,
  statusResponse,
  wholeResponse,
} from '../src/testing/index.ts';

const STEPS = Number(process.env.WALK_STEPS ?? 10_000);
const STEPS_PER_WALK = 60;

const TABS: ResourceType = {
  group: 'stable.example.com',
  version: 'v1',
  resource: 'crontabs',
  kind: 'CronTab',
  namespaced: true,
};
const TYPES = [PODS, TABS];

const FAULTS = [
  'http410',
  'http429',
  'http500',
  'http401',
  'http404',
  'html',
  'empty',
  'network',
  'noAnswer',
  'silence',
  'cut',
] as const;
type Fault = (typeof FAULTS)[number];

type Command =
  | { readonly do: 'apply' | 'delete'; readonly type: number; readonly name: number }
  | {
      readonly do:
        'compact' | 'close' | 'break' | 'halfLine' | 'error410' | 'error500' | 'bookmark';
    }
  | { readonly do: 'forbid' | 'allow' | 'block' | 'unblock' | 'restart' | 'withdraw' | 'serve' }
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
      do: fc.constantFrom(
        'compact' as const,
        'close' as const,
        'break' as const,
        'halfLine' as const,
        'error410' as const,
        'error500' as const,
        'bookmark' as const,
        'forbid' as const,
        'allow' as const,
        'block' as const,
        'unblock' as const,
        'restart' as const,
        'withdraw' as const,
        'serve' as const,
      ),
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

/** A cluster, its watcher and a consumer, and what a walk does to them. */
class World {
  readonly clock = new FakeClock();
  readonly cluster = new MemoryCluster(TYPES);
  readonly sink = new RecordingSink();
  readonly #random = seededRandom(7);
  readonly #permits = new ListPermits({ total: 1 });
  readonly #streaming: 'auto' | 'off';
  #faults: Fault[] = [];
  #isForbidden = false;
  #lastSeen = new Map<string, string>();
  #running: { readonly controller: AbortController; readonly done: Promise<void> };

  constructor(streaming: 'auto' | 'off') {
    this.#streaming = streaming;
    this.cluster.intercept = (request) => this.#intercept(request);
    this.#running = this.#start();
  }

  async run(command: Command): Promise<void> {
    await this.#do(command);
    await settle();
    this.#checkNothingVanished();
  }

  /** Lets the world calm down and compares. */
  async finish(): Promise<void> {
    this.#faults = [];
    this.#isForbidden = false;
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
    await this.stop();
  }

  async stop(): Promise<void> {
    this.#running.controller.abort();
    await this.#running.done;
    expect(this.cluster.openWatches).toBe(0);
    expect(this.clock.sleepers).toBe(0);
    expect(this.#permits.active).toBe(0);
  }

  #start(): { readonly controller: AbortController; readonly done: Promise<void> } {
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
    return { controller, done: watcher.run(controller.signal) };
  }

  async #do(command: Command): Promise<void> {
    const { cluster, sink } = this;
    switch (command.do) {
      case 'apply':
      case 'delete': {
        this.#change(command);
        return;
      }
      case 'fault':
        this.#faults.push(...Array<Fault>(command.times).fill(command.fault));
        return;
      case 'advance':
        return this.clock.advance(command.ms);
      case 'compact': {
        cluster.compact();
        return;
      }
      case 'bookmark': {
        cluster.bookmark();
        return;
      }
      case 'close': {
        cluster.eachWatch((body) => body.close());
        return;
      }
      case 'break': {
        cluster.eachWatch((body) => body.break());
        return;
      }
      case 'halfLine': {
        cluster.eachWatch((body) => {
          body.write('{"type":"ADDED","object":{"kind":"Pod","metadata":{"na');
          body.close();
        });
        return;
      }
      case 'error410': {
        cluster.eachWatch((body) => body.write(errorEvent(410, 'Expired')));
        return;
      }
      case 'error500': {
        cluster.eachWatch((body) => body.write(errorEvent(500, 'InternalError')));
        return;
      }
      case 'forbid':
      case 'allow':
        this.#isForbidden = command.do === 'forbid';
        {
          cluster.eachWatch((body) => body.close());
          return;
        }
      case 'block': {
        sink.block();
        return;
      }
      case 'unblock': {
        sink.unblock();
        return;
      }
      case 'restart':
        await this.stop();
        this.#running = this.#start();
        return;
      case 'withdraw': {
        cluster.withdraw(TABS);
        return;
      }
      case 'serve': {
        cluster.serve(TABS);
        return;
      }
    }
  }

  #change(change: { readonly do: 'apply' | 'delete'; type: number; name: number }): void {
    const type = TYPES[change.type]!;
    const isServed = type === PODS || this.cluster.serves(TABS);
    if (!isServed) return;
    const draft = { name: `o-${change.name}`, namespace: `ns-${change.name % 2}` };
    if (change.do === 'apply') this.cluster.apply(type, draft);
    else this.cluster.delete(type, `${draft.namespace}/${draft.name}`);
  }

  #intercept(
    request: ClusterApiRequest,
  ): ClusterApiResponse | Promise<ClusterApiResponse> | undefined {
    const fault = this.#faults.shift();
    if (fault !== undefined) return this.#faulty(fault, request);
    const isFeed = request.path.endsWith('pods') || request.path.endsWith('crontabs');
    return isFeed && this.#isForbidden ? statusResponse(403, 'Forbidden') : undefined;
  }

  #faulty(
    fault: Fault,
    request: ClusterApiRequest,
  ): ClusterApiResponse | Promise<ClusterApiResponse> {
    switch (fault) {
      case 'http410':
        return statusResponse(410, 'Expired');
      case 'http429':
        return statusResponse(429, 'TooManyRequests', { 'retry-after': '7' });
      case 'http500':
        return statusResponse(500, 'InternalError');
      case 'http401':
        return statusResponse(401, 'Unauthorized');
      case 'http404':
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
        return this.#cut(request);
    }
  }

  /** What the cluster answers, but only half of it. */
  async #cut(request: ClusterApiRequest): Promise<ClusterApiResponse> {
    const response = this.cluster.answer(request);
    if (request.query?.watch === 'true') return response;
    const text = await response.text();
    return wholeResponse(response.status, text.slice(0, text.length / 2));
  }

  /** An object may only leave the view if that very object, by uid, is gone. */
  #checkNothingVanished(): void {
    const seen = new Map<string, string>();
    for (const type of TYPES) {
      for (const [id, { uid }] of this.sink.feed(type.resource)?.view ?? []) {
        seen.set(`${type.resource} ${id}`, uid);
      }
    }
    const alive = new Set(
      TYPES.flatMap((type) => [...this.cluster.objects(type).values()]).map(
        ({ metadata }) => metadata.uid,
      ),
    );
    for (const [id, uid] of this.#lastSeen) {
      if (seen.get(id) !== uid && alive.has(uid)) {
        throw new Error(`${id} (${uid}) is there, and was told to be gone`);
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
          await world.finish();
          const elapsedMs = world.clock.nowMs() - 1_000_000;
          // Two feeds and discovery; a hot loop would be orders of magnitude above this.
          expect(world.cluster.requests.length).toBeLessThan(100 * walk.length + elapsedMs / 1000);
        },
      ),
      { seed: 20_261_122, numRuns: Math.ceil(STEPS / (STEPS_PER_WALK * 0.75)) },
    );
  }, 3_600_000);
});
