/**
 * The transitions that every phase of a feed shares: a request begins, fails, is refused, or finds
 * its resourceVersion too old. Each failure pauses before the next request, longer each time.
 */
import { backoff, obeying, spread, type Pause } from './backoff.ts';
import type {
  BreakCause,
  FeedConfig,
  FeedEffect,
  FeedInput,
  FeedStep,
  ListRequest,
  NextRequest,
  Trouble,
} from './feed-state.ts';
import type { RelistReason } from './watch-observer.ts';
import { describeRefusal, meaningOf } from './watch-status.ts';

/** A refusal as the machine gets it. */
export type RefusedInput = Extract<FeedInput, { readonly kind: 'refused' }>;

/** A failure: what was under way, what failed before, and when this one happened. */
export interface Failure {
  readonly next: NextRequest;
  readonly trouble: Trouble;
  readonly reason: string;
  readonly atMs: number;
}

/** Since when a snapshot must be, and how it may be had. */
export interface SnapshotBounds {
  /** May come from the server's cache if it is not older than this; '' = the newest. */
  readonly notOlderThan: string;
  /** See {@link ListRequest.floor}. */
  readonly floor: string;
  /** See {@link ListRequest.timesBehind}. */
  readonly timesBehind: number;
}

/** Any snapshot will do. */
export const FROM_NOTHING: SnapshotBounds = Object.freeze({
  notOlderThan: '',
  floor: '',
  timesBehind: 0,
});

/** A list from its first page. */
export function freshList(bounds: SnapshotBounds, config: FeedConfig): ListRequest {
  return {
    ...bounds,
    via: config.streamingLists ? 'stream' : 'pages',
    pageLimit: pageLimitOf(bounds.notOlderThan, config),
    continueToken: '',
    snapshotVersion: '',
    isComplete: true,
  };
}

/**
 * Up to Kubernetes 1.33 a list with a limit is read from etcd, whatever resourceVersion it allows;
 * without one it comes from the watch cache (cacher.go, shouldDelegateList). After a restart of the
 * API server every feed of every client lists at once, so client-go leaves the limit out then
 * (reflector.go, list), and so does this.
 */
export function pageLimitOf(notOlderThan: string, config: FeedConfig): number {
  return notOlderThan === '' ? config.tuning.pageLimit : 0;
}

/** A watch that nothing is known against. */
export function freshWatch(resourceVersion: string): NextRequest {
  return {
    kind: 'watch',
    request: { resourceVersion, hasMetMalformed: false, emptyWatches: 0, silentWatches: 0 },
  };
}

/** Sends a request. */
export function begin(
  next: NextRequest,
  moment: { readonly trouble: Trouble; readonly atMs: number },
  config: FeedConfig,
): FeedStep {
  const { trouble, atMs: sinceMs } = moment;
  if (next.kind === 'watch') {
    const { request } = next;
    return {
      state: { kind: 'watching', request, connection: { kind: 'opening' }, trouble, sinceMs },
      effects: [{ kind: 'watch', resourceVersion: request.resourceVersion }],
    };
  }
  // Another feed may have found out meanwhile that this server does not stream lists.
  const request: ListRequest =
    config.streamingLists || next.request.via === 'pages'
      ? next.request
      : { ...next.request, via: 'pages' };
  return {
    state: { kind: 'listing', request, phase: 'opening', trouble, sinceMs },
    effects: [{ kind: 'list', request }],
  };
}

/** Sends a request after a pause: where the server's history may be another, it is asked first. */
export function resume(
  next: NextRequest,
  moment: { readonly trouble: Trouble; readonly atMs: number },
  config: FeedConfig,
): FeedStep {
  const floor = floorOf(next);
  if (floor === '') return begin(next, moment, config);
  const { trouble, atMs: sinceMs } = moment;
  return {
    state: { kind: 'locating', next, trouble, sinceMs },
    effects: [{ kind: 'locate', floor }],
  };
}

/** What the server must have reached before the request means what it says; '' = anything. */
export function floorOf(next: NextRequest): string {
  if (next.kind === 'watch') return next.request.resourceVersion;
  // A page belongs to its snapshot, wherever the server is by now.
  return next.request.continueToken === '' ? next.request.floor : '';
}

/** Pauses with growing delay, then asks again. */
export function lose(failure: Failure, config: FeedConfig, retryAfterMs = 0): FeedStep {
  const trouble = grow('lost', failure);
  const pause = obeying(retryAfterMs, backoff(trouble.attempt, config.tuning));
  return {
    state: { kind: 'lost', next: failure.next, trouble },
    effects: [sleepFor(pause)],
  };
}

/** Takes a new list after a short, scattered pause. `reason` null = the same list, asked anew. */
export function expire(
  expiry: {
    readonly request: ListRequest;
    readonly trouble: Trouble;
    readonly reason: RelistReason | null;
    readonly text: string;
    readonly atMs: number;
  },
  config: FeedConfig,
): FeedStep {
  const next: NextRequest = { kind: 'list', request: expiry.request };
  const { trouble: before, text: reason, atMs } = expiry;
  const trouble = grow('expired', { next, trouble: before, reason, atMs });
  const effects: FeedEffect[] = [sleepFor(spread(trouble.attempt, config.tuning))];
  if (expiry.reason !== null) effects.unshift({ kind: 'countRelist', reason: expiry.reason });
  return { state: { kind: 'expired', request: expiry.request, trouble }, effects };
}

/** A broken connection in a few words. */
export function describeBreak(cause: BreakCause, detail: string): string {
  return detail === '' ? `connection ${cause}` : `connection ${cause} (${detail})`;
}

/** What a refusal leads to when the phase has no answer of its own to it. */
export function refuse(
  input: RefusedInput,
  before: { readonly next: NextRequest; readonly trouble: Trouble },
  config: FeedConfig,
): FeedStep {
  const failure: Failure = { ...before, reason: describeRefusal(input), atMs: input.atMs };
  switch (meaningOf(input)) {
    case 'unauthorized':
      return unauthorized(failure, config);
    case 'forbidden':
      return forbid(failure, config);
    case 'missing':
      return {
        state: {
          kind: 'discovering',
          next: failure.next,
          trouble: grow('discovering', failure),
          sinceMs: input.atMs,
        },
        effects: [{ kind: 'rediscover' }],
      };
    case 'expired':
    case 'tooNew':
    case 'invalid':
    case 'failing':
      return lose(failure, config, input.retryAfterMs);
  }
}

/** Token files rotate and tokens run out: read them anew at once; if that does not help, pause. */
function unauthorized(failure: Failure, config: FeedConfig): FeedStep {
  if (failure.trouble.hasReloaded) return lose(failure, config);
  const trouble: Trouble = { ...grow('lost', failure), hasReloaded: true };
  return {
    state: { kind: 'lost', next: failure.next, trouble },
    effects: [{ kind: 'reloadCredentials' }],
  };
}

function forbid(failure: Failure, config: FeedConfig): FeedStep {
  const minMs = config.tuning.forbiddenRetryMs;
  return {
    state: { kind: 'forbidden', next: failure.next, trouble: grow('forbidden', failure) },
    effects: [sleepFor({ minMs, maxMs: minMs * 1.5 })],
  };
}

function grow(state: Trouble['state'], failure: Failure): Trouble {
  const goesOn = failure.trouble.attempt > 0 && failure.trouble.state === state;
  return {
    state,
    attempt: failure.trouble.attempt + 1,
    reason: failure.reason,
    sinceMs: goesOn ? failure.trouble.sinceMs : failure.atMs,
    hasReloaded: false,
  };
}

function sleepFor(pause: Pause): FeedEffect {
  return { kind: 'sleep', minMs: pause.minMs, maxMs: pause.maxMs };
}
