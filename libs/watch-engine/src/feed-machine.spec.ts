import fc from 'fast-check';
import { startFeed, stepFeed } from './feed-machine.ts';
import type {
  BreakCause,
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
import { meaningOf, type RefusalMeaning } from './watch-status.ts';

const NOW_MS = 50_000;

const CONFIG: FeedConfig = { tuning: DEFAULT_TUNING, filter: () => 'send', streamingLists: false };

const PAGE: ListRequest = {
  via: 'pages',
  notOlderThan: '',
  pageLimit: 500,
  continueToken: '',
  snapshotVersion: '',
  isComplete: true,
  floor: '',
  timesBehind: 0,
};

const WATCH = {
  resourceVersion: '100',
  hasMetMalformed: false,
  emptyWatches: 0,
  silentWatches: 0,
} as const;

const CACHED: ListRequest = { ...PAGE, notOlderThan: '9', floor: '9', pageLimit: 0 };

const LOST: Trouble = {
  state: 'lost',
  attempt: 1,
  reason: 'HTTP 503',
  sinceMs: 0,
  hasReloaded: false,
};

const listing = { kind: 'listing', trouble: NO_TROUBLE, sinceMs: 0 } as const;
const watching = { kind: 'watching', request: WATCH, trouble: NO_TROUBLE, sinceMs: 0 } as const;
const later = { ...PAGE, continueToken: 't1', snapshotVersion: '20' };

/** Phases of each state in the table below. */
const KINDS_OF_STATES: Readonly<Record<FeedMachineState['kind'], number>> = {
  discovering: 1,
  locating: 2,
  listing: 7,
  watching: 3,
  expired: 1,
  lost: 1,
  forbidden: 1,
  retired: 1,
};

const MEANINGS: Readonly<Record<RefusalMeaning, true>> = {
  expired: true,
  tooNew: true,
  unauthorized: true,
  forbidden: true,
  missing: true,
  invalid: true,
  failing: true,
};

const STATES: Readonly<Record<string, FeedMachineState>> = {
  discovering: {
    kind: 'discovering',
    next: { kind: 'watch', request: WATCH },
    trouble: NO_TROUBLE,
    sinceMs: 0,
  },
  'locating:watch': {
    kind: 'locating',
    next: { kind: 'watch', request: WATCH },
    trouble: LOST,
    sinceMs: 0,
  },
  'locating:list': {
    kind: 'locating',
    next: { kind: 'list', request: { ...PAGE, floor: '100', timesBehind: 4 } },
    trouble: LOST,
    sinceMs: 0,
  },
  'listing:asked': { ...listing, request: PAGE, phase: 'opening' },
  'listing:page': { ...listing, request: later, phase: 'open' },
  'listing:above': { ...listing, request: { ...PAGE, floor: '100' }, phase: 'open' },
  'listing:cached': { ...listing, request: CACHED, phase: 'opening' },
  'listing:whole': { ...listing, request: CACHED, phase: 'open' },
  'listing:streamAsked': { ...listing, request: { ...PAGE, via: 'stream' }, phase: 'opening' },
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
const refused = (status: number, message = ''): FeedInput => ({
  kind: 'refused',
  status,
  reason: '',
  message,
  retryAfterMs: 0,
  atMs,
});
const changed = { kind: 'changed', object: aPod({ resourceVersion: '101' }), atMs } as const;
const bookmark = { kind: 'bookmark', resourceVersion: '102', atMs } as const;
const broken = { kind: 'broken', detail: '', atMs } as const;

/** Of every kind of input at least one; of refusals and ends of connections one per meaning. */
const INPUTS = {
  discovered: { kind: 'discovered', atMs },
  retire: { kind: 'retire', atMs },
  relist: { kind: 'relist', atMs },
  woke: { kind: 'woke', atMs },
  'located=': { kind: 'located', resourceVersion: '100', atMs },
  'located<': { kind: 'located', resourceVersion: '40', atMs },
  'located?': { kind: 'located', resourceVersion: '', atMs },
  opened: { kind: 'opened', atMs },
  400: refused(400),
  401: refused(401),
  403: refused(403),
  404: refused(404),
  410: refused(410),
  503: refused(503),
  tooLarge: refused(504, 'Too large resource version: 100, current: 40'),
  item: { kind: 'item', object: aPod(), atMs },
  'listed+': { kind: 'listed', resourceVersion: '20', continueToken: 't2', atMs },
  listed: { kind: 'listed', resourceVersion: '20', continueToken: '', atMs },
  added: { ...changed, change: 'added' },
  modified: { ...changed, change: 'modified' },
  deleted: { ...changed, change: 'deleted' },
  older: { ...changed, change: 'modified', object: aPod({ resourceVersion: '99' }) },
  bookmark: { ...bookmark, initialEventsEnd: false },
  'bookmark!': { ...bookmark, initialEventsEnd: true },
  'bookmark<': { ...bookmark, resourceVersion: '99', initialEventsEnd: false },
  unreadable: { kind: 'unreadable', namespace: 'default', name: 'big', atMs },
  unidentified: { kind: 'unidentified', atMs },
  malformed: { kind: 'malformedEvent', atMs },
  closed: { ...broken, cause: 'closed' },
  idle: { ...broken, cause: 'idle' },
  truncated: { ...broken, cause: 'truncated' },
  notJson: { ...broken, cause: 'malformed' },
  network: { ...broken, cause: 'network' },
} as const satisfies Readonly<Record<string, FeedInput>>;

type NamedInput = (typeof INPUTS)[keyof typeof INPUTS];

/** Fails to compile when an input, a state or an end of a connection is left out above. */
const COMPLETE: {
  readonly inputs: [Exclude<FeedInput['kind'], NamedInput['kind']>] extends [never] ? true : false;
  readonly states: [Exclude<FeedMachineState['kind'], keyof typeof KINDS_OF_STATES>] extends [never]
    ? true
    : false;
  readonly ends: [
    Exclude<BreakCause, Extract<NamedInput, { readonly kind: 'broken' }>['cause']>,
  ] extends [never]
    ? true
    : false;
} = { inputs: true, states: true, ends: true };

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
  it('is asked about every state, every input, every meaning of a refusal', () => {
    const kinds: Record<string, number> = {};
    for (const { kind } of Object.values(STATES)) kinds[kind] = (kinds[kind] ?? 0) + 1;
    const meanings = Object.values(INPUTS).flatMap((input) =>
      input.kind === 'refused' ? [meaningOf(input)] : [],
    );

    expect(COMPLETE).toEqual({ inputs: true, states: true, ends: true });
    expect(kinds).toEqual(KINDS_OF_STATES);
    expect([...new Set(meanings)].sort()).toEqual(Object.keys(MEANINGS).sort());
  });

  it('leads from each state with each input to where the table says, else nowhere', () => {
    const table = Object.entries(INPUTS).flatMap(([input, value]) => {
      const cells = row(value);
      const leads = Object.keys(STATES).filter((_, i) => cells[i] !== '-');
      const stays = cells.length - leads.length;
      return [
        ...Object.keys(STATES).flatMap((state, i) =>
          cells[i] === '-' ? [] : [`${input} in ${state} -> ${String(cells[i])}`],
        ),
        `${input} in ${stays} others -> the same, nothing done`,
      ];
    });

    expect(`\n${table.join('\n')}\n`).toMatchInlineSnapshot(`
      "
      400 in locating:watch -> watching: watch
      400 in locating:list -> listing: list
      400 in listing:asked -> lost: sleep
      400 in listing:page -> expired: countRelist sleep
      400 in listing:above -> lost: sleep
      400 in listing:cached -> expired: sleep
      400 in listing:whole -> expired: sleep
      400 in listing:streamAsked -> listing: noteStreamingRefused countRelist list
      400 in listing:stream -> listing: noteStreamingRefused countRelist list
      400 in watching:asked -> expired: countRelist sleep
      400 in watching:young -> expired: countRelist sleep
      400 in watching:old -> expired: countRelist sleep
      400 in 5 others -> the same, nothing done
      401 in locating:watch -> lost: reloadCredentials
      401 in locating:list -> lost: reloadCredentials
      401 in listing:asked -> lost: reloadCredentials
      401 in listing:page -> lost: reloadCredentials
      401 in listing:above -> lost: reloadCredentials
      401 in listing:cached -> lost: reloadCredentials
      401 in listing:whole -> lost: reloadCredentials
      401 in listing:streamAsked -> lost: reloadCredentials
      401 in listing:stream -> lost: reloadCredentials
      401 in watching:asked -> lost: reloadCredentials
      401 in watching:young -> lost: reloadCredentials
      401 in watching:old -> lost: reloadCredentials
      401 in 5 others -> the same, nothing done
      403 in locating:watch -> forbidden: sleep
      403 in locating:list -> forbidden: sleep
      403 in listing:asked -> forbidden: sleep
      403 in listing:page -> forbidden: sleep
      403 in listing:above -> forbidden: sleep
      403 in listing:cached -> forbidden: sleep
      403 in listing:whole -> forbidden: sleep
      403 in listing:streamAsked -> forbidden: sleep
      403 in listing:stream -> forbidden: sleep
      403 in watching:asked -> forbidden: sleep
      403 in watching:young -> forbidden: sleep
      403 in watching:old -> forbidden: sleep
      403 in 5 others -> the same, nothing done
      404 in locating:watch -> discovering: rediscover
      404 in locating:list -> discovering: rediscover
      404 in listing:asked -> discovering: rediscover
      404 in listing:page -> discovering: rediscover
      404 in listing:above -> discovering: rediscover
      404 in listing:cached -> discovering: rediscover
      404 in listing:whole -> discovering: rediscover
      404 in listing:streamAsked -> discovering: rediscover
      404 in listing:stream -> discovering: rediscover
      404 in watching:asked -> discovering: rediscover
      404 in watching:young -> discovering: rediscover
      404 in watching:old -> discovering: rediscover
      404 in 5 others -> the same, nothing done
      410 in locating:watch -> lost: sleep
      410 in locating:list -> lost: sleep
      410 in listing:asked -> lost: sleep
      410 in listing:page -> expired: countRelist sleep
      410 in listing:above -> lost: sleep
      410 in listing:cached -> expired: sleep
      410 in listing:whole -> expired: sleep
      410 in listing:streamAsked -> lost: sleep
      410 in listing:stream -> lost: sleep
      410 in watching:asked -> expired: countRelist sleep
      410 in watching:young -> expired: countRelist sleep
      410 in watching:old -> expired: countRelist sleep
      410 in 5 others -> the same, nothing done
      503 in locating:watch -> lost: sleep
      503 in locating:list -> lost: sleep
      503 in listing:asked -> lost: sleep
      503 in listing:page -> lost: sleep
      503 in listing:above -> lost: sleep
      503 in listing:cached -> lost: sleep
      503 in listing:whole -> lost: sleep
      503 in listing:streamAsked -> lost: sleep
      503 in listing:stream -> lost: sleep
      503 in watching:asked -> lost: sleep
      503 in watching:young -> lost: sleep
      503 in watching:old -> lost: sleep
      503 in 5 others -> the same, nothing done
      discovered in discovering -> locating: countStart locate
      discovered in 16 others -> the same, nothing done
      retire in discovering -> retired: stop
      retire in locating:watch -> retired: stop
      retire in locating:list -> retired: stop
      retire in listing:asked -> retired: stop
      retire in listing:page -> retired: stop
      retire in listing:above -> retired: stop
      retire in listing:cached -> retired: stop
      retire in listing:whole -> retired: stop
      retire in listing:streamAsked -> retired: stop
      retire in listing:stream -> retired: stop
      retire in watching:asked -> retired: stop
      retire in watching:young -> retired: stop
      retire in watching:old -> retired: stop
      retire in expired -> retired: stop
      retire in lost -> retired: stop
      retire in forbidden -> retired: stop
      retire in 1 others -> the same, nothing done
      relist in watching:asked -> listing: countRelist list
      relist in watching:young -> listing: countRelist list
      relist in watching:old -> listing: countRelist list
      relist in 14 others -> the same, nothing done
      woke in expired -> listing: list
      woke in lost -> locating: locate
      woke in forbidden -> listing: list
      woke in 14 others -> the same, nothing done
      located= in locating:watch -> watching: watch
      located= in locating:list -> listing: list
      located= in 15 others -> the same, nothing done
      located< in locating:watch -> expired: countRelist sleep
      located< in locating:list -> listing: list
      located< in 15 others -> the same, nothing done
      located? in locating:watch -> watching: watch
      located? in locating:list -> listing: list
      located? in 15 others -> the same, nothing done
      opened in listing:asked -> listing: init
      opened in listing:page -> listing
      opened in listing:above -> listing: init
      opened in listing:cached -> listing: init
      opened in listing:whole -> listing: init
      opened in listing:streamAsked -> listing: init
      opened in listing:stream -> listing: init
      opened in watching:asked -> watching
      opened in watching:young -> watching
      opened in watching:old -> watching
      opened in 7 others -> the same, nothing done
      tooLarge in locating:watch -> lost: sleep
      tooLarge in locating:list -> lost: sleep
      tooLarge in listing:asked -> lost: sleep
      tooLarge in listing:page -> lost: sleep
      tooLarge in listing:above -> lost: sleep
      tooLarge in listing:cached -> expired: sleep
      tooLarge in listing:whole -> expired: sleep
      tooLarge in listing:streamAsked -> lost: sleep
      tooLarge in listing:stream -> lost: sleep
      tooLarge in watching:asked -> expired: countRelist sleep
      tooLarge in watching:young -> expired: countRelist sleep
      tooLarge in watching:old -> expired: countRelist sleep
      tooLarge in 5 others -> the same, nothing done
      item in listing:page -> listing: initApplied
      item in listing:above -> listing: initApplied
      item in listing:whole -> listing: initApplied
      item in 14 others -> the same, nothing done
      listed+ in listing:page -> listing: list
      listed+ in listing:above -> expired: sleep
      listed+ in listing:whole -> listing: list
      listed+ in 14 others -> the same, nothing done
      listed in listing:page -> watching: initDone watch
      listed in listing:above -> expired: sleep
      listed in listing:whole -> watching: initDone watch
      listed in 14 others -> the same, nothing done
      added in listing:stream -> listing: initApplied
      added in watching:young -> watching: applied
      added in watching:old -> watching: applied
      added in 14 others -> the same, nothing done
      modified in listing:stream -> listing: initApplied
      modified in watching:young -> watching: applied
      modified in watching:old -> watching: applied
      modified in 14 others -> the same, nothing done
      deleted in listing:stream -> listing: deleted
      deleted in watching:young -> watching: deleted
      deleted in watching:old -> watching: deleted
      deleted in 14 others -> the same, nothing done
      older in listing:stream -> listing: initApplied
      older in watching:young -> expired: countRelist sleep
      older in watching:old -> expired: countRelist sleep
      older in 14 others -> the same, nothing done
      bookmark in listing:stream -> listing: noteStreamingRefused countRelist list
      bookmark in watching:young -> watching: checkpoint
      bookmark in watching:old -> watching: checkpoint
      bookmark in 14 others -> the same, nothing done
      bookmark! in listing:stream -> watching: initDone
      bookmark! in watching:young -> watching: checkpoint
      bookmark! in watching:old -> watching: checkpoint
      bookmark! in 14 others -> the same, nothing done
      bookmark< in listing:stream -> listing: noteStreamingRefused countRelist list
      bookmark< in watching:young -> expired: countRelist sleep
      bookmark< in watching:old -> expired: countRelist sleep
      bookmark< in 14 others -> the same, nothing done
      unreadable in listing:page -> listing: initKept
      unreadable in listing:above -> listing: initKept
      unreadable in listing:whole -> listing: initKept
      unreadable in listing:stream -> listing: initKept
      unreadable in 13 others -> the same, nothing done
      unidentified in listing:page -> listing
      unidentified in listing:above -> listing
      unidentified in listing:whole -> listing
      unidentified in listing:stream -> listing
      unidentified in 13 others -> the same, nothing done
      malformed in listing:stream -> lost: countRelist sleep
      malformed in watching:young -> lost: sleep
      malformed in watching:old -> lost: sleep
      malformed in 14 others -> the same, nothing done
      closed in locating:watch -> lost: sleep
      closed in locating:list -> lost: sleep
      closed in listing:asked -> lost: sleep
      closed in listing:page -> lost: sleep
      closed in listing:above -> lost: sleep
      closed in listing:cached -> lost: sleep
      closed in listing:whole -> lost: sleep
      closed in listing:streamAsked -> lost: sleep
      closed in listing:stream -> lost: countRelist sleep
      closed in watching:asked -> lost: sleep
      closed in watching:young -> lost: sleep
      closed in watching:old -> locating: locate
      closed in 5 others -> the same, nothing done
      idle in locating:watch -> lost: sleep
      idle in locating:list -> lost: sleep
      idle in listing:asked -> lost: sleep
      idle in listing:page -> lost: sleep
      idle in listing:above -> lost: sleep
      idle in listing:cached -> lost: sleep
      idle in listing:whole -> lost: sleep
      idle in listing:streamAsked -> lost: sleep
      idle in listing:stream -> lost: noteStreamingRefused countRelist sleep
      idle in watching:asked -> lost: sleep
      idle in watching:young -> lost: sleep
      idle in watching:old -> lost: sleep
      idle in 5 others -> the same, nothing done
      truncated in locating:watch -> lost: sleep
      truncated in locating:list -> lost: sleep
      truncated in listing:asked -> lost: sleep
      truncated in listing:page -> lost: sleep
      truncated in listing:above -> lost: sleep
      truncated in listing:cached -> lost: sleep
      truncated in listing:whole -> lost: sleep
      truncated in listing:streamAsked -> lost: sleep
      truncated in listing:stream -> lost: countRelist sleep
      truncated in watching:asked -> lost: sleep
      truncated in watching:young -> lost: sleep
      truncated in watching:old -> lost: sleep
      truncated in 5 others -> the same, nothing done
      notJson in locating:watch -> lost: sleep
      notJson in locating:list -> lost: sleep
      notJson in listing:asked -> lost: sleep
      notJson in listing:page -> lost: sleep
      notJson in listing:above -> lost: sleep
      notJson in listing:cached -> lost: sleep
      notJson in listing:whole -> lost: sleep
      notJson in listing:streamAsked -> lost: sleep
      notJson in listing:stream -> lost: countRelist sleep
      notJson in watching:asked -> lost: sleep
      notJson in watching:young -> lost: sleep
      notJson in watching:old -> lost: sleep
      notJson in 5 others -> the same, nothing done
      network in locating:watch -> lost: sleep
      network in locating:list -> lost: sleep
      network in listing:asked -> lost: sleep
      network in listing:page -> lost: sleep
      network in listing:above -> lost: sleep
      network in listing:cached -> lost: sleep
      network in listing:whole -> lost: sleep
      network in listing:streamAsked -> lost: sleep
      network in listing:stream -> lost: countRelist sleep
      network in watching:asked -> lost: sleep
      network in watching:young -> lost: sleep
      network in watching:old -> lost: sleep
      network in 5 others -> the same, nothing done
      "
    `);
  });

  it('answers every sequence of inputs and keeps its promises', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<FeedInput>(...Object.values(INPUTS)), { maxLength: 200 }),
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
  // A server that does not understand where it is asked to be is asked for the thing itself, once.
  const isQuestion =
    before.kind === 'locating' && 'status' in input && meaningOf(input) === 'invalid';
  return !isHealthyEnd && !isStream && !isQuestion;
}
