import fc from 'fast-check';
import { startFeed, stepFeed } from './feed-machine.ts';
import type {
  FeedConfig,
  FeedEffect,
  FeedInput,
  FeedMachineState,
  ListRequest,
  Trouble,
} from './feed-state.ts';
import { NO_TROUBLE, statusOf } from './feed-state.ts';
import { aPod } from './testing/index.ts';
import { DEFAULT_TUNING } from './watch-options.ts';

const NOW_MS = 50_000;

const CONFIG: FeedConfig = { tuning: DEFAULT_TUNING, filter: () => 'send', streamingLists: false };

const PAGE: ListRequest = {
  via: 'pages',
  notOlderThan: '',
  pageLimit: 500,
  continueToken: '',
  snapshotVersion: '',
};

const WATCH = {
  resourceVersion: '100',
  tolerates: 'nothing',
  emptyWatches: 0,
  silentWatches: 0,
} as const;

const LOST: Trouble = { state: 'lost', attempt: 1, reason: 'HTTP 503', sinceMs: 0 };

const listing = { kind: 'listing', trouble: NO_TROUBLE, sinceMs: 0 } as const;
const watching = { kind: 'watching', request: WATCH, trouble: NO_TROUBLE, sinceMs: 0 } as const;
const later = { ...PAGE, continueToken: 't1', snapshotVersion: '20' };

const STATES: Readonly<Record<string, FeedMachineState>> = {
  discovering: {
    kind: 'discovering',
    next: { kind: 'watch', request: WATCH },
    trouble: NO_TROUBLE,
    sinceMs: 0,
  },
  'listing:asked': { ...listing, request: PAGE, phase: 'opening' },
  'listing:page': { ...listing, request: later, phase: 'open' },
  'listing:cached': { ...listing, request: { ...PAGE, notOlderThan: '9' }, phase: 'opening' },
  'listing:stream': { ...listing, request: { ...PAGE, via: 'stream' }, phase: 'open' },
  'watching:asked': { ...watching, connection: { kind: 'opening' } },
  'watching:young': {
    ...watching,
    connection: { kind: 'open', openedAtMs: NOW_MS - 10, hasSpoken: false },
  },
  'watching:old': {
    ...watching,
    connection: { kind: 'open', openedAtMs: 0, hasSpoken: true },
  },
  expired: { kind: 'expired', request: PAGE, trouble: { ...LOST, state: 'expired' } },
  lost: { kind: 'lost', next: { kind: 'watch', request: WATCH }, trouble: LOST },
  forbidden: {
    kind: 'forbidden',
    next: { kind: 'list', request: PAGE },
    trouble: { ...LOST, state: 'forbidden' },
  },
  retired: { kind: 'retired', sinceMs: 0 },
};

const atMs = NOW_MS;
const refused = (status: number): FeedInput => ({
  kind: 'refused',
  status,
  reason: '',
  message: '',
  retryAfterMs: 0,
  atMs,
});
const changed = { kind: 'changed', object: aPod({ resourceVersion: '101' }), atMs } as const;
const bookmark = { kind: 'bookmark', resourceVersion: '102', atMs } as const;
const broken = { kind: 'broken', detail: '', atMs } as const;

const INPUTS: Readonly<Record<string, FeedInput>> = {
  discovered: { kind: 'discovered', atMs },
  retire: { kind: 'retire', atMs },
  woke: { kind: 'woke', atMs },
  opened: { kind: 'opened', atMs },
  400: refused(400),
  401: refused(401),
  403: refused(403),
  404: refused(404),
  410: refused(410),
  503: refused(503),
  item: { kind: 'item', object: aPod(), atMs },
  'listed+': { kind: 'listed', resourceVersion: '20', continueToken: 't2', atMs },
  listed: { kind: 'listed', resourceVersion: '20', continueToken: '', atMs },
  added: { ...changed, change: 'added' },
  deleted: { ...changed, change: 'deleted' },
  bookmark: { ...bookmark, initialEventsEnd: false },
  'bookmark!': { ...bookmark, initialEventsEnd: true },
  unreadable: { kind: 'unreadable', namespace: 'default', name: 'big', atMs },
  malformed: { kind: 'malformedEvent', atMs },
  closed: { ...broken, cause: 'closed' },
  idle: { ...broken, cause: 'idle' },
};

/** What an effect is called in the table. */
function nameOf(effect: FeedEffect): string {
  return effect.kind === 'emit' ? effect.delta.kind : effect.kind;
}

function row(input: FeedInput): string[] {
  return Object.values(STATES).map((state) => {
    const step = stepFeed(state, input, CONFIG);
    const effects = step.effects.map(nameOf).join(' ');
    if (step.state === state && effects === '') return '-';
    return `${step.state.kind}${effects === '' ? '' : `: ${effects}`}`;
  });
}

describe(stepFeed, () => {
  it('leads from each state with each input to where the table says', () => {
    const table = Object.entries(INPUTS).flatMap(([input, value]) => {
      const cells = row(value);
      return Object.keys(STATES).flatMap((state, i) =>
        cells[i] === '-' ? [] : [`${input} in ${state} -> ${String(cells[i])}`],
      );
    });

    expect(`\n${table.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      400 in listing:asked -> lost: sleep
      400 in listing:page -> expired: countRelist sleep
      400 in listing:cached -> expired: sleep
      400 in listing:stream -> listing: noteStreamingRefused countRelist list
      400 in watching:asked -> expired: countRelist sleep
      400 in watching:young -> expired: countRelist sleep
      400 in watching:old -> expired: countRelist sleep
      401 in listing:asked -> lost: reloadCredentials
      401 in listing:page -> lost: reloadCredentials
      401 in listing:cached -> lost: reloadCredentials
      401 in listing:stream -> lost: reloadCredentials
      401 in watching:asked -> lost: reloadCredentials
      401 in watching:young -> lost: reloadCredentials
      401 in watching:old -> lost: reloadCredentials
      403 in listing:asked -> forbidden: sleep
      403 in listing:page -> forbidden: sleep
      403 in listing:cached -> forbidden: sleep
      403 in listing:stream -> forbidden: sleep
      403 in watching:asked -> forbidden: sleep
      403 in watching:young -> forbidden: sleep
      403 in watching:old -> forbidden: sleep
      404 in listing:asked -> discovering: rediscover
      404 in listing:page -> discovering: rediscover
      404 in listing:cached -> discovering: rediscover
      404 in listing:stream -> discovering: rediscover
      404 in watching:asked -> discovering: rediscover
      404 in watching:young -> discovering: rediscover
      404 in watching:old -> discovering: rediscover
      410 in listing:asked -> lost: sleep
      410 in listing:page -> expired: countRelist sleep
      410 in listing:cached -> expired: sleep
      410 in listing:stream -> lost: sleep
      410 in watching:asked -> expired: countRelist sleep
      410 in watching:young -> expired: countRelist sleep
      410 in watching:old -> expired: countRelist sleep
      503 in listing:asked -> lost: sleep
      503 in listing:page -> lost: sleep
      503 in listing:cached -> lost: sleep
      503 in listing:stream -> lost: sleep
      503 in watching:asked -> lost: sleep
      503 in watching:young -> lost: sleep
      503 in watching:old -> lost: sleep
      discovered in discovering -> watching: countStart watch
      retire in discovering -> retired: stop
      retire in listing:asked -> retired: stop
      retire in listing:page -> retired: stop
      retire in listing:cached -> retired: stop
      retire in listing:stream -> retired: stop
      retire in watching:asked -> retired: stop
      retire in watching:young -> retired: stop
      retire in watching:old -> retired: stop
      retire in expired -> retired: stop
      retire in lost -> retired: stop
      retire in forbidden -> retired: stop
      woke in expired -> listing: list
      woke in lost -> watching: watch
      woke in forbidden -> listing: list
      opened in listing:asked -> listing: init
      opened in listing:page -> listing
      opened in listing:cached -> listing: init
      opened in listing:stream -> listing: init
      opened in watching:asked -> watching
      opened in watching:young -> watching
      opened in watching:old -> watching
      item in listing:page -> listing: initApplied
      listed+ in listing:page -> listing: list
      listed in listing:page -> watching: initDone watch
      added in listing:stream -> listing: initApplied
      added in watching:young -> watching: applied
      added in watching:old -> watching: applied
      deleted in listing:stream -> listing: deleted
      deleted in watching:young -> watching: deleted
      deleted in watching:old -> watching: deleted
      bookmark in listing:stream -> listing: noteStreamingRefused countRelist list
      bookmark in watching:young -> watching: checkpoint
      bookmark in watching:old -> watching: checkpoint
      bookmark! in listing:stream -> watching: initDone
      bookmark! in watching:young -> watching: checkpoint
      bookmark! in watching:old -> watching: checkpoint
      unreadable in listing:page -> listing: initKept
      unreadable in listing:stream -> listing: initKept
      malformed in listing:stream -> lost: sleep
      malformed in watching:young -> lost: sleep
      malformed in watching:old -> lost: sleep
      closed in listing:asked -> lost: sleep
      closed in listing:page -> lost: sleep
      closed in listing:cached -> lost: sleep
      closed in listing:stream -> lost: sleep
      closed in watching:asked -> lost: sleep
      closed in watching:young -> lost: sleep
      closed in watching:old -> watching: watch
      idle in listing:asked -> lost: sleep
      idle in listing:page -> lost: sleep
      idle in listing:cached -> lost: sleep
      idle in listing:stream -> lost: sleep
      idle in watching:asked -> lost: sleep
      idle in watching:young -> lost: sleep
      idle in watching:old -> lost: sleep
      "
    `);
  });

  it('answers every sequence of inputs and keeps its promises', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Object.values(INPUTS)), { maxLength: 200 }),
        fc.array(fc.nat(30_000), { minLength: 200, maxLength: 200 }),
        fc.boolean(),
        (inputs, pausesMs, streamingLists) => {
          const config = { ...CONFIG, streamingLists };
          const promises = new Promises();
          let state = startFeed({ resourceVersion: '100', atMs: 0 }, config);
          let nowMs = 0;
          inputs.forEach((input, i) => {
            nowMs += pausesMs[i]!;
            const step = stepFeed(state, { ...input, atMs: nowMs }, config);
            promises.check({ before: state, input, effects: step.effects });
            state = step.state;
            expect(statusOf(state).sinceMs).toBeLessThanOrEqual(nowMs);
          });
        },
      ),
      { seed: 20_261_122, numRuns: 300 },
    );
  });
});

/** What holds for every feed, whatever a server does. */
class Promises {
  #inSnapshot = false;
  #watchedSince = 0;

  check(step: {
    readonly before: FeedMachineState;
    readonly input: FeedInput;
    readonly effects: readonly FeedEffect[];
  }): void {
    const names = step.effects.map(nameOf);
    const activities = names.filter((name) => ACTIVITIES.has(name));
    expect(activities.length).toBeLessThanOrEqual(1);
    if (isFailure(step) && activities.length > 0) {
      expect(['sleep', 'rediscover', 'reloadCredentials']).toContain(activities[0]);
    }
    for (const effect of step.effects) this.#take(effect);
  }

  #take(effect: FeedEffect): void {
    const name = nameOf(effect);
    if (name === 'init') this.#inSnapshot = true;
    if (name === 'initApplied' || name === 'initKept' || name === 'initDone')
      expect(this.#inSnapshot).toBe(true);
    if (name === 'applied' || name === 'checkpoint') expect(this.#inSnapshot).toBe(false);
    if (name === 'initDone') this.#inSnapshot = false;
    if (name === 'initDone') this.#watchedSince = 0;
    if (effect.kind === 'watch') {
      expect(Number(effect.resourceVersion)).toBeGreaterThanOrEqual(this.#watchedSince);
      this.#watchedSince = Number(effect.resourceVersion);
    }
  }
}

const ACTIVITIES: ReadonlySet<string> = new Set([
  'list',
  'watch',
  'sleep',
  'reloadCredentials',
  'rediscover',
  'stop',
]);

/** A failure must not be answered with the next request at once: that would be a hot loop. */
function isFailure({ before, input }: { before: FeedMachineState; input: FeedInput }): boolean {
  if (input.kind !== 'broken' && input.kind !== 'refused') return false;
  const isHealthyEnd = before.kind === 'watching' && before.connection.kind === 'open';
  const isStream = before.kind === 'listing' && before.request.via === 'stream';
  return !isHealthyEnd && !isStream;
}
