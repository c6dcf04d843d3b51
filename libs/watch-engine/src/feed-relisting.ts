/**
 * How a snapshot that does not come to its end is taken anew: the same page again, larger pages, one
 * body, pages instead of a stream, or the whole of it because it is older than what is known.
 */
import { SERVER_IS_BEHIND } from './feed-locating.ts';
import type {
  FeedConfig,
  FeedEffect,
  FeedInput,
  FeedStep,
  ListingState,
  ListRequest,
  NextRequest,
} from './feed-state.ts';
import {
  begin,
  describeBreak,
  expire,
  freshList,
  lose,
  refuse,
  type RefusedInput,
} from './feed-trouble.ts';
import { describeRefusal, meaningOf } from './watch-status.ts';

type BrokenInput = Extract<FeedInput, { readonly kind: 'broken' }>;

/** A list that takes longer than the server keeps its token gets larger pages each time. */
const PAGE_GROWTH = 4;
/** After so many expired tokens the list is asked for in one body: that cannot expire. */
const MAX_PAGED_RESTARTS = 3;

/** The request, or an open stream, was answered with a failure. */
export function refused(state: ListingState, input: RefusedInput, config: FeedConfig): FeedStep {
  const { request } = state;
  const meaning = meaningOf(input);
  const isUnusable = meaning === 'expired' || meaning === 'invalid' || meaning === 'tooNew';
  if (request.via === 'stream' && meaning === 'invalid')
    return withPages(state, input.atMs, config);
  if (request.continueToken !== '' && (meaning === 'expired' || meaning === 'invalid')) {
    return again(state, { request: largerPages(request, config), input }, config);
  }
  if (request.notOlderThan !== '' && isUnusable) {
    return again(state, { request: inPages(request, config), input }, config);
  }
  return refuse(input, { next: retryOf(state, config), trouble: state.trouble }, config);
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
  const { floor, timesBehind } = request;
  return {
    ...freshList({ notOlderThan: '', floor, timesBehind }, config),
    via: 'pages',
    pageLimit: limit >= largest ? 0 : limit,
  };
}

/**
 * It is older than what was handed over: its end would undo what came since, so it never comes; the
 * next `init` does.
 */
export function abandon(state: ListingState, atMs: number, config: FeedConfig): FeedStep {
  const { floor, timesBehind } = state.request;
  const bounds = { notOlderThan: '', floor, timesBehind: timesBehind + 1 };
  const request: ListRequest = { ...freshList(bounds, config), via: 'pages' };
  const text = SERVER_IS_BEHIND;
  return expire({ request, trouble: state.trouble, reason: null, text, atMs }, config);
}

/** The connection or the body broke. */
export function broken(state: ListingState, input: BrokenInput, config: FeedConfig): FeedStep {
  const reason = describeBreak(input.cause, input.detail);
  const step = failed(state, { reason, atMs: input.atMs }, config);
  // Neither objects nor their end for so long: it took the request for an ordinary watch.
  const isIgnored = isOpenStream(state) && input.cause === 'idle';
  if (!isIgnored) return step;
  return { state: step.state, effects: [{ kind: 'noteStreamingRefused' }, ...step.effects] };
}

/** What came is no list. */
export function failed(
  state: ListingState,
  failure: { readonly reason: string; readonly atMs: number },
  config: FeedConfig,
): FeedStep {
  const { trouble } = state;
  const step = lose({ next: retryOf(state, config), trouble, ...failure }, config);
  if (!isOpenStream(state)) return step;
  const told: FeedEffect = { kind: 'countRelist', reason: 'streamingListFailed' };
  return { state: step.state, effects: [told, ...step.effects] };
}

function isOpenStream({ request, phase }: ListingState): boolean {
  return request.via === 'stream' && phase === 'open';
}

/**
 * What holds all of a snapshot and broke may break again: kube-apiserver ends the stream of a slow
 * reader, and any list after a minute (--request-timeout). Pages keep what was read.
 */
function retryOf({ request, phase }: ListingState, config: FeedConfig): NextRequest {
  const isWhole = request.via === 'stream' || request.pageLimit === 0;
  return {
    kind: 'list',
    request: phase === 'open' && isWhole ? inPages(request, config) : request,
  };
}

/** The newest snapshot in pages, from the first. */
function inPages({ floor, timesBehind }: ListRequest, config: FeedConfig): ListRequest {
  return { ...freshList({ notOlderThan: '', floor, timesBehind }, config), via: 'pages' };
}

/** The server does not stream lists: the same in pages, at once. */
export function withPages(state: ListingState, atMs: number, config: FeedConfig): FeedStep {
  const { notOlderThan, floor, timesBehind } = state.request;
  const request = freshList({ notOlderThan, floor, timesBehind }, config);
  const list: NextRequest = { kind: 'list', request: { ...request, via: 'pages' } };
  const next = begin(list, { trouble: state.trouble, atMs }, config);
  return {
    state: next.state,
    effects: [
      { kind: 'noteStreamingRefused' },
      { kind: 'countRelist', reason: 'streamingListFailed' },
      ...next.effects,
    ],
  };
}
