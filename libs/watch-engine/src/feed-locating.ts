/**
 * A feed while it asks where the server is. Two things make a server stand before what was handed
 * over: its etcd was restored from a backup, or it is a replica that lags behind. Both are answered
 * with a full list, which heals either; a snapshot from before is accepted only from the former,
 * that is when the server stays there.
 */
import type {
  FeedConfig,
  FeedInput,
  FeedStep,
  ListRequest,
  LocatingState,
  NextRequest,
} from './feed-state.ts';
import { CONFIRMATIONS_OF_BEHIND } from './feed-state.ts';
import {
  begin,
  describeBreak,
  expire,
  floorOf,
  freshList,
  lose,
  refuse,
  type RefusedInput,
} from './feed-trouble.ts';
import { isBefore } from './resource-version.ts';
import { meaningOf } from './watch-status.ts';

type LocatedInput = Extract<FeedInput, { readonly kind: 'located' }>;

/** Said wherever a server is found behind. */
export const SERVER_IS_BEHIND = 'the server is behind the resourceVersion';

/** Steps a feed that asks where the server is. */
export function stepLocating(state: LocatingState, input: FeedInput, config: FeedConfig): FeedStep {
  switch (input.kind) {
    case 'located':
      return located(state, input, config);
    case 'refused':
      return refused(state, input, config);
    case 'broken': {
      const reason = describeBreak(input.cause, input.detail);
      return lose({ ...state, reason, atMs: input.atMs }, config);
    }
    case 'bookmark':
    case 'changed':
    case 'discovered':
    case 'item':
    case 'listed':
    case 'malformedEvent':
    case 'opened':
    case 'relist':
    case 'retire':
    case 'unidentified':
    case 'unreadable':
    case 'woke':
      return { state, effects: [] };
  }
}

function located(state: LocatingState, input: LocatedInput, config: FeedConfig): FeedStep {
  const { next, trouble } = state;
  const { resourceVersion, atMs } = input;
  if (!isBefore(resourceVersion, floorOf(next))) {
    return begin(assured(next, resourceVersion), { trouble, atMs }, config);
  }
  const request = oneMoreBehind(next, config);
  if (request.timesBehind >= CONFIRMATIONS_OF_BEHIND) {
    // It stays there: what it has is all there is, and what has less than that is no answer.
    const accepting: ListRequest = { ...request, floor: resourceVersion, timesBehind: 0 };
    return begin({ kind: 'list', request: accepting }, { trouble, atMs }, config);
  }
  const reason = next.kind === 'watch' ? 'invalidResourceVersion' : null;
  return expire({ request, trouble, reason, text: SERVER_IS_BEHIND, atMs }, config);
}

/**
 * A server that is known to be there is silent since there is nothing to say, and a list from before
 * is not all that it has.
 */
function assured(next: NextRequest, resourceVersion: string): NextRequest {
  if (resourceVersion === '') return next;
  if (next.kind === 'list') return { kind: 'list', request: { ...next.request, timesBehind: 0 } };
  return { kind: 'watch', request: { ...next.request, silentWatches: 0 } };
}

function oneMoreBehind(next: NextRequest, config: FeedConfig): ListRequest {
  const before = next.kind === 'list' ? next.request.timesBehind : 0;
  const bounds = { notOlderThan: '', floor: floorOf(next), timesBehind: before + 1 };
  return freshList(bounds, config);
}

function refused(state: LocatingState, input: RefusedInput, config: FeedConfig): FeedStep {
  const { next, trouble } = state;
  // A server that does not understand the question may well understand the request.
  if (meaningOf(input) === 'invalid') return begin(next, { trouble, atMs: input.atMs }, config);
  return refuse(input, { next, trouble }, config);
}
