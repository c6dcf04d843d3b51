/**
 * A feed while it reads a snapshot, in pages or as a stream. A page that fails is asked for again;
 * the snapshot begins anew only when its continue token has expired, when a body that holds all of
 * it breaks, or when it turns out to be older than what was handed over.
 */
import type {
  FeedConfig,
  FeedEffect,
  FeedInput,
  FeedStep,
  ListingState,
  ListRequest,
} from './feed-state.ts';
import { CONFIRMATIONS_OF_BEHIND, NO_TROUBLE } from './feed-state.ts';
import { abandon, broken, failed, refused, withPages } from './feed-relisting.ts';
import { begin, freshWatch } from './feed-trouble.ts';
import { isBefore } from './resource-version.ts';

type ChangedInput = Extract<FeedInput, { readonly kind: 'changed' }>;
type UnreadableInput = Extract<FeedInput, { readonly kind: 'unreadable' }>;
type ListedInput = Extract<FeedInput, { readonly kind: 'listed' }>;
type BookmarkInput = Extract<FeedInput, { readonly kind: 'bookmark' }>;

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
    case 'unidentified':
      return { state: { ...state, request: { ...state.request, isComplete: false } }, effects: [] };
    case 'listed':
      return listed(state, input, config);
    case 'bookmark':
      return bookmarked(state, input, config);
    case 'malformedEvent':
      return failed(state, { reason: 'malformed event', atMs: input.atMs }, config);
    case 'broken':
      return broken(state, input, config);
    case 'refused':
      return refused(state, input, config);
    case 'discovered':
    case 'located':
    case 'relist':
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
    case 'unidentified':
    case 'unreadable':
      return state.phase === 'open';
    case 'broken':
    case 'discovered':
    case 'located':
    case 'opened':
    case 'refused':
    case 'relist':
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
    return failed(state, { reason: 'list without resourceVersion', atMs }, config);
  }
  if (isBehind(request, snapshotVersion)) return abandon(state, atMs, config);
  // A list that keeps expiring gets through its pages too; only a watch that lives ends that row.
  const trouble = state.trouble.state === 'expired' ? state.trouble : NO_TROUBLE;
  if (input.continueToken !== '') {
    const page: ListRequest = { ...request, continueToken: input.continueToken, snapshotVersion };
    const next = begin({ kind: 'list', request: page }, { trouble, atMs: state.sinceMs }, config);
    return next;
  }
  const next = begin(freshWatch(snapshotVersion), { trouble, atMs }, config);
  return { state: next.state, effects: [initDone(state, snapshotVersion, atMs), ...next.effects] };
}

/** Older than what was handed over, and not known to be all that the server has. */
function isBehind(request: ListRequest, snapshotVersion: string): boolean {
  return (
    isBefore(snapshotVersion, request.floor) && request.timesBehind + 1 < CONFIRMATIONS_OF_BEHIND
  );
}

function bookmarked(state: ListingState, input: BookmarkInput, config: FeedConfig): FeedStep {
  const { resourceVersion, atMs } = input;
  if (!input.initialEventsEnd || resourceVersion === '') {
    // A plain bookmark before the end: the server did not understand what it was asked for.
    return withPages(state, atMs, config);
  }
  if (isBehind(state.request, resourceVersion)) return abandon(state, atMs, config);
  return {
    state: {
      kind: 'watching',
      request: { resourceVersion, hasMetMalformed: false, emptyWatches: 0, silentWatches: 0 },
      connection: { kind: 'open', openedAtMs: atMs, hasSpoken: true },
      trouble: state.trouble.state === 'expired' ? state.trouble : NO_TROUBLE,
      sinceMs: atMs,
    },
    effects: [initDone(state, resourceVersion, atMs)],
  };
}

function initDone(
  { request }: ListingState,
  resourceVersion: string,
  readAtMs: number,
): FeedEffect {
  const { isComplete } = request;
  return {
    kind: 'emit',
    delta: { kind: 'initDone', resourceVersion, isComplete, readAtMs },
    bytes: 0,
  };
}
