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

/** A list from its first page. */
export function freshList(notOlderThan: string, config: FeedConfig): ListRequest {
  return {
    via: config.streamingLists ? 'stream' : 'pages',
    notOlderThan,
    pageLimit: config.tuning.pageLimit,
    continueToken: '',
    snapshotVersion: '',
  };
}

/** A watch that nothing is known against. */
export function freshWatch(resourceVersion: string): NextRequest {
  const request = { resourceVersion, tolerates: 'nothing', emptyWatches: 0, silentWatches: 0 };
  return { kind: 'watch', request: { ...request, tolerates: 'nothing' } };
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

/** Token files rotate and tokens run out: read them anew at once, then (each other time) pause. */
function unauthorized(failure: Failure, config: FeedConfig): FeedStep {
  if (failure.trouble.attempt % 2 === 1) return lose(failure, config);
  return {
    state: { kind: 'lost', next: failure.next, trouble: grow('lost', failure) },
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
  };
}

function sleepFor(pause: Pause): FeedEffect {
  return { kind: 'sleep', minMs: pause.minMs, maxMs: pause.maxMs };
}
