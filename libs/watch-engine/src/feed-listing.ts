/**
 * A feed while it reads a snapshot, in pages or as a stream. A page that fails is asked for again;
 * the snapshot begins anew only when its continue token has expired.
 */
import type {
  FeedConfig,
  FeedEffect,
  FeedInput,
  FeedStep,
  ListingState,
  ListRequest,
  NextRequest,
  Trouble,
} from './feed-state.ts';
import { NO_TROUBLE } from './feed-state.ts';
import {
  begin,
  describeBreak,
  expire,
  freshList,
  freshWatch,
  lose,
  refuse,
  type RefusedInput,
} from './feed-trouble.ts';
import { describeRefusal, meaningOf } from './watch-status.ts';

type ChangedInput = Extract<FeedInput, { readonly kind: 'changed' }>;
type UnreadableInput = Extract<FeedInput, { readonly kind: 'unreadable' }>;
type ListedInput = Extract<FeedInput, { readonly kind: 'listed' }>;
type BookmarkInput = Extract<FeedInput, { readonly kind: 'bookmark' }>;

/** A list that takes longer than the server keeps its token gets larger pages each time. */
const PAGE_GROWTH = 4;
/** After so many expired tokens the list is asked for in one body: that cannot expire. */
const MAX_PAGED_RESTARTS = 3;

/** Steps a feed that is listing. */
export function stepListing(state: ListingState, input: FeedInput, config: FeedConfig): FeedStep {
  if (!canCome(state, input)) return { state, effects: [] };
  switch (input.kind) {
    case 'opened':
      return opened(state);
    case 'item':
      return { state, effects: initApplied(input.object, input.atMs, config) };
    case 'changed':
      return { state, effects: changedWhileListing(input, config) };
    case 'unreadable':
      return { state, effects: initKept(input) };
    case 'listed':
      return listed(state, input, config);
    case 'bookmark':
      return bookmarked(state, input, config);
    case 'malformedEvent':
      return broken(state, { reason: 'malformed event', atMs: input.atMs }, config);
    case 'broken':
      return broken(
        state,
        { reason: describeBreak(input.cause, input.detail), atMs: input.atMs },
        config,
      );
    case 'refused':
      return refused(state, input, config);
    case 'discovered':
    case 'retire':
    case 'woke':
      return { state, effects: [] };
  }
}

/** Pages hold items, streams hold events, and neither holds anything before it is open. */
function canCome(state: ListingState, input: FeedInput): boolean {
  switch (input.kind) {
    case 'item':
    case 'listed':
      return state.phase === 'open' && state.request.via === 'pages';
    case 'changed':
    case 'bookmark':
    case 'malformedEvent':
      return state.phase === 'open' && state.request.via === 'stream';
    case 'unreadable':
      return state.phase === 'open';
    case 'broken':
    case 'discovered':
    case 'opened':
    case 'refused':
    case 'retire':
    case 'woke':
      return true;
  }
}

function opened(state: ListingState): FeedStep {
  const isFirst = state.request.continueToken === '';
  return {
    state: { ...state, phase: 'open' },
    effects: isFirst ? [{ kind: 'emit', delta: { kind: 'init' }, bytes: 0 }] : [],
  };
}

function initApplied(
  object: ChangedInput['object'],
  readAtMs: number,
  config: FeedConfig,
): FeedEffect[] {
  if (config.filter(object) !== 'send') return [];
  const delta = { kind: 'initApplied', object, readAtMs } as const;
  return [{ kind: 'emit', delta, bytes: object.bytes.length }];
}

/**
 * It exists, so that the end of the snapshot must not take it for gone. Whether the filter would let
 * it through is not known: where nothing is known of it, keeping that changes nothing.
 */
function initKept({ namespace, name, atMs }: UnreadableInput): FeedEffect[] {
  const delta = { kind: 'initKept', namespace, name, readAtMs: atMs } as const;
  return [{ kind: 'emit', delta, bytes: 0 }];
}

/** Between the initial events and their end the server may already send changes. */
function changedWhileListing(input: ChangedInput, config: FeedConfig): FeedEffect[] {
  const { object, atMs: readAtMs } = input;
  const verdict = config.filter(object);
  const isGone = input.change === 'deleted' || verdict === 'withdraw';
  if (!isGone) return initApplied(object, readAtMs, config);
  if (verdict === 'drop' || input.change === 'added') return [];
  return [
    { kind: 'emit', delta: { kind: 'deleted', object, readAtMs }, bytes: object.bytes.length },
  ];
}

function listed(state: ListingState, input: ListedInput, config: FeedConfig): FeedStep {
  const { request } = state;
  // All pages of a snapshot carry the version of its first.
  const snapshotVersion = request.snapshotVersion || input.resourceVersion;
  const { atMs } = input;
  if (snapshotVersion === '') {
    return broken(state, { reason: 'list without resourceVersion', atMs }, config);
  }
  // A list that keeps expiring gets through its pages too; only a watch that lives ends that row.
  const trouble = state.trouble.state === 'expired' ? state.trouble : NO_TROUBLE;
  if (input.continueToken !== '') {
    const page: ListRequest = { ...request, continueToken: input.continueToken, snapshotVersion };
    const next = begin({ kind: 'list', request: page }, { trouble, atMs: state.sinceMs }, config);
    return next;
  }
  const next = begin(freshWatch(snapshotVersion), { trouble, atMs }, config);
  return { state: next.state, effects: [initDone(snapshotVersion, atMs), ...next.effects] };
}

function bookmarked(state: ListingState, input: BookmarkInput, config: FeedConfig): FeedStep {
  const { resourceVersion, atMs } = input;
  if (!input.initialEventsEnd || resourceVersion === '') {
    // A plain bookmark before the end: the server did not understand what it was asked for.
    return withPages(state, atMs, config);
  }
  return {
    state: {
      kind: 'watching',
      request: { resourceVersion, tolerates: 'nothing', emptyWatches: 0, silentWatches: 0 },
      connection: { kind: 'open', openedAtMs: atMs, hasSpoken: true },
      trouble: state.trouble.state === 'expired' ? state.trouble : NO_TROUBLE,
      sinceMs: atMs,
    },
    effects: [initDone(resourceVersion, atMs)],
  };
}

function refused(state: ListingState, input: RefusedInput, config: FeedConfig): FeedStep {
  const { request } = state;
  const meaning = meaningOf(input);
  const isUnusable = meaning === 'expired' || meaning === 'invalid' || meaning === 'tooNew';
  if (request.via === 'stream' && meaning === 'invalid')
    return withPages(state, input.atMs, config);
  if (request.continueToken !== '' && (meaning === 'expired' || meaning === 'invalid')) {
    return again(state, { request: largerPages(request, config), input }, config);
  }
  if (request.notOlderThan !== '' && isUnusable) {
    return again(state, { request: { ...request, notOlderThan: '' }, input }, config);
  }
  return refuse(input, { next: retryOf(request), trouble: state.trouble }, config);
}

/** Lists anew from the first page. */
function again(
  state: ListingState,
  change: { readonly request: ListRequest; readonly input: RefusedInput },
  config: FeedConfig,
): FeedStep {
  const hadToken = state.request.continueToken !== '';
  return expire(
    {
      request: change.request,
      trouble: state.trouble,
      reason: hadToken ? 'expiredContinue' : null,
      text: describeRefusal(change.input),
      atMs: change.input.atMs,
    },
    config,
  );
}

function largerPages(request: ListRequest, config: FeedConfig): ListRequest {
  const limit = request.pageLimit * PAGE_GROWTH;
  const largest = config.tuning.pageLimit * PAGE_GROWTH ** MAX_PAGED_RESTARTS;
  return { ...freshList('', config), via: 'pages', pageLimit: limit >= largest ? 0 : limit };
}

function broken(
  state: ListingState,
  failure: { readonly reason: string; readonly atMs: number },
  config: FeedConfig,
): FeedStep {
  const trouble: Trouble = state.trouble;
  return lose({ next: retryOf(state.request), trouble, ...failure }, config);
}

/** A stream that broke may break again under a slow reader; pages keep what was read. */
function retryOf(request: ListRequest): NextRequest {
  return {
    kind: 'list',
    request: request.via === 'stream' ? { ...request, via: 'pages' } : request,
  };
}

function withPages(state: ListingState, atMs: number, config: FeedConfig): FeedStep {
  const next = begin(retryOf(state.request), { trouble: state.trouble, atMs }, config);
  return {
    state: next.state,
    effects: [
      { kind: 'noteStreamingRefused' },
      { kind: 'countRelist', reason: 'streamingListFailed' },
      ...next.effects,
    ],
  };
}

function initDone(resourceVersion: string, readAtMs: number): FeedEffect {
  return { kind: 'emit', delta: { kind: 'initDone', resourceVersion, readAtMs }, bytes: 0 };
}
