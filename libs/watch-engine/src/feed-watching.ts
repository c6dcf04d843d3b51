/**
 * A feed while it watches. Its resourceVersion advances only with what was emitted, so that after
 * any end of the connection the next watch begins exactly there.
 */
import type {
  FeedConfig,
  FeedEffect,
  FeedInput,
  FeedStep,
  Trouble,
  WatchingState,
  WatchRequest,
} from './feed-state.ts';
import { NO_TROUBLE } from './feed-state.ts';
import {
  begin,
  describeBreak,
  expire,
  freshList,
  lose,
  refuse,
  resume,
  type RefusedInput,
} from './feed-trouble.ts';
import { SERVER_IS_BEHIND } from './feed-locating.ts';
import { isBefore, laterOf } from './resource-version.ts';
import type { RelistReason } from './watch-observer.ts';
import { describeRefusal, meaningOf } from './watch-status.ts';

type BookmarkInput = Extract<FeedInput, { readonly kind: 'bookmark' }>;
type BrokenInput = Extract<FeedInput, { readonly kind: 'broken' }>;
type ChangedInput = Extract<FeedInput, { readonly kind: 'changed' }>;

/** Steps a feed that is watching. */
export function stepWatching(state: WatchingState, input: FeedInput, config: FeedConfig): FeedStep {
  switch (input.kind) {
    case 'opened':
      return {
        state: {
          ...state,
          connection: { kind: 'open', openedAtMs: input.atMs, hasSpoken: false },
        },
        effects: [],
      };
    case 'changed':
      return isOpen(state) ? changed(state, input, config) : { state, effects: [] };
    case 'bookmark':
      return isOpen(state) ? bookmarked(state, input, config) : { state, effects: [] };
    case 'malformedEvent':
      return isOpen(state) ? malformed(state, input.atMs, config) : { state, effects: [] };
    case 'refused':
      return refused(state, input, config);
    case 'broken':
      return broken(state, input, config);
    case 'relist':
      return relistAsAsked(state, input.atMs, config);
    case 'discovered':
    case 'item':
    case 'listed':
    case 'located':
    case 'retire':
    case 'unidentified':
    case 'unreadable':
    case 'woke':
      return { state, effects: [] };
  }
}

type OpenWatchingState = WatchingState & {
  readonly connection: Extract<WatchingState['connection'], { readonly kind: 'open' }>;
};

/** Events come on an open connection only. */
function isOpen(state: WatchingState): state is OpenWatchingState {
  return state.connection.kind === 'open';
}

function changed(state: OpenWatchingState, input: ChangedInput, config: FeedConfig): FeedStep {
  const { object, atMs: readAtMs } = input;
  if (isBefore(object.resourceVersion, state.request.resourceVersion)) {
    return behind(state, readAtMs, config);
  }
  const verdict = config.filter(object);
  const kind = input.change === 'deleted' || verdict === 'withdraw' ? 'deleted' : 'applied';
  const delta = { kind, object, readAtMs } as const;
  const effects: readonly FeedEffect[] =
    verdict === 'drop' ? [] : [{ kind: 'emit', delta, bytes: object.bytes.length }];
  const reached = laterOf(state.request.resourceVersion, object.resourceVersion);
  return { state: spoken(state, { reached, atMs: readAtMs }, config), effects };
}

function bookmarked(state: OpenWatchingState, input: BookmarkInput, config: FeedConfig): FeedStep {
  const { resourceVersion, atMs: readAtMs } = input;
  if (isBefore(resourceVersion, state.request.resourceVersion)) {
    return behind(state, readAtMs, config);
  }
  if (resourceVersion === '') return { state, effects: [] };
  return {
    state: spoken(state, { reached: resourceVersion, atMs: readAtMs }, config),
    effects: [{ kind: 'emit', delta: { kind: 'checkpoint', resourceVersion, readAtMs }, bytes: 0 }],
  };
}

/**
 * The watch speaks of a time before what was handed over: the server's etcd was restored from a
 * backup, or it is a replica that lags behind. Either way what it says next is not what comes next.
 */
function behind(state: WatchingState, atMs: number, config: FeedConfig): FeedStep {
  return relist(state, { reason: 'invalidResourceVersion', text: SERVER_IS_BEHIND, atMs }, config);
}

/** The watch said something that moved the feed on. */
function spoken(
  state: OpenWatchingState,
  news: { readonly reached: string; readonly atMs: number },
  config: FeedConfig,
): WatchingState {
  const request: WatchRequest = {
    resourceVersion: news.reached,
    hasMetMalformed: false,
    emptyWatches: 0,
    silentWatches: 0,
  };
  return {
    kind: 'watching',
    request,
    connection: spokenOn(state.connection),
    trouble: troubleAt(state, news.atMs, config),
    sinceMs: state.sinceMs,
  };
}

function spokenOn(connection: OpenWatchingState['connection']): OpenWatchingState['connection'] {
  return connection.hasSpoken ? connection : { ...connection, hasSpoken: true };
}

/**
 * A line without a readable object may hide an event, so it is asked for once more from the last
 * known place. If such a line comes again, be it the same or another, only a list can tell.
 */
function malformed(state: WatchingState, atMs: number, config: FeedConfig): FeedStep {
  const text = 'malformed event';
  if (state.request.hasMetMalformed) {
    return relist(state, { reason: 'malformedEvent', text, atMs }, config);
  }
  const request: WatchRequest = { ...state.request, hasMetMalformed: true };
  const trouble = troubleAt(state, atMs, config);
  return lose({ next: { kind: 'watch', request }, trouble, reason: text, atMs }, config);
}

function refused(state: WatchingState, input: RefusedInput, config: FeedConfig): FeedStep {
  const meaning = meaningOf(input);
  const { atMs } = input;
  const text = describeRefusal(input);
  if (meaning === 'expired') {
    // kube-apiserver says so with HTTP 410 or, from its watch cache, with 200 and an ERROR event.
    const hasSpoken = state.connection.kind === 'open' && state.connection.hasSpoken;
    const reason = hasSpoken ? 'expiredInWatch' : 'expiredAtStart';
    return relist(state, { reason, text, atMs }, config);
  }
  if (meaning === 'tooNew' || meaning === 'invalid') {
    return relist(state, { reason: 'invalidResourceVersion', text, atMs }, config);
  }
  const trouble = troubleAt(state, atMs, config);
  return refuse(input, { next: { kind: 'watch', request: state.request }, trouble }, config);
}

function broken(state: WatchingState, input: BrokenInput, config: FeedConfig): FeedStep {
  const { connection, request: before } = state;
  const { atMs } = input;
  const trouble = troubleAt(state, atMs, config);
  const reason = describeBreak(input.cause, input.detail);
  if (connection.kind === 'opening') {
    return lose({ next: { kind: 'watch', request: before }, trouble, reason, atMs }, config);
  }
  const isHealthy = atMs - connection.openedAtMs >= config.tuning.healthyWatchMs;
  const request = connection.hasSpoken ? before : quieter(before, isHealthy);
  const verdict = verdictOnQuiet(request, config);
  if (verdict !== null) return relist(state, { reason: verdict, text: reason, atMs }, config);
  const next = { kind: 'watch', request } as const;
  if (input.cause === 'closed' && isHealthy) {
    // How a watch ends that was asked for with timeoutSeconds; the status does not change. It is
    // also how kube-apiserver ends all watches when it finds its etcd in another state.
    return resume(next, { trouble: NO_TROUBLE, atMs: state.sinceMs }, config);
  }
  return lose({ next, trouble, reason, atMs }, config);
}

function quieter(request: WatchRequest, isHealthy: boolean): WatchRequest {
  return isHealthy
    ? { ...request, silentWatches: request.silentWatches + 1 }
    : { ...request, emptyWatches: request.emptyWatches + 1 };
}

function verdictOnQuiet(request: WatchRequest, config: FeedConfig): RelistReason | null {
  if (request.emptyWatches >= config.tuning.emptyWatchesBeforeList) return 'emptyWatches';
  if (request.silentWatches >= config.tuning.silentWatchesBeforeList) return 'silentWatches';
  return null;
}

/**
 * Takes a new list: from the cache if the version was merely old, else the newest there is. Never
 * one from before what was handed over, unless the server stays there.
 */
function relist(
  state: WatchingState,
  why: { readonly reason: RelistReason; readonly text: string; readonly atMs: number },
  config: FeedConfig,
): FeedStep {
  const isOld = why.reason === 'expiredAtStart' || why.reason === 'expiredInWatch';
  const floor = state.request.resourceVersion;
  const timesBehind = why.text === SERVER_IS_BEHIND ? 1 : 0;
  return expire(
    {
      request: freshList({ notOlderThan: isOld ? floor : '', floor, timesBehind }, config),
      trouble: troubleAt(state, why.atMs, config),
      ...why,
    },
    config,
  );
}

/** All is well here, so there is nothing to pause for; older than what was handed over it may not be. */
function relistAsAsked(state: WatchingState, atMs: number, config: FeedConfig): FeedStep {
  const floor = state.request.resourceVersion;
  const request = freshList({ notOlderThan: floor, floor, timesBehind: 0 }, config);
  const trouble = troubleAt(state, atMs, config);
  const step = begin({ kind: 'list', request }, { trouble, atMs }, config);
  return { ...step, effects: [{ kind: 'countRelist', reason: 'repair' }, ...step.effects] };
}

/** The row of failures so far; ended by a connection that has lived long enough. */
function troubleAt(state: WatchingState, atMs: number, config: FeedConfig): Trouble {
  const { connection } = state;
  const isHealthy =
    connection.kind === 'open' && atMs - connection.openedAtMs >= config.tuning.healthyWatchMs;
  return isHealthy ? NO_TROUBLE : state.trouble;
}
