/**
 * A feed as a machine: discovering -> locating -> listing(page) -> watching(since) -> (expired |
 * lost | forbidden) -> ... Pure and total: any input in any state gives a state and effects, and the same
 * ones each time. `feed-state.ts` says what each state means.
 */
import { backoff } from './backoff.ts';
import { stepListing } from './feed-listing.ts';
import type {
  DiscoveringState,
  FeedConfig,
  FeedInput,
  FeedMachineState,
  FeedStep,
  NextRequest,
} from './feed-state.ts';
import { NO_TROUBLE } from './feed-state.ts';
import { stepLocating } from './feed-locating.ts';
import { freshList, freshWatch, FROM_NOTHING, resume } from './feed-trouble.ts';
import { stepWatching } from './feed-watching.ts';

/** Where a feed begins: with what is committed already, or with nothing. */
export interface FeedStart {
  /** '' = no checkpoint: take a list. */
  readonly resourceVersion: string;
  readonly atMs: number;
}

/** The first state; `discovered` starts it. */
export function startFeed(start: FeedStart, config: FeedConfig): FeedMachineState {
  const next: NextRequest =
    start.resourceVersion === ''
      ? { kind: 'list', request: freshList(FROM_NOTHING, config) }
      : freshWatch(start.resourceVersion);
  return { kind: 'discovering', next, trouble: NO_TROUBLE, sinceMs: start.atMs };
}

/** One step. */
export function stepFeed(state: FeedMachineState, input: FeedInput, config: FeedConfig): FeedStep {
  if (input.kind === 'retire') return retire(state, input.atMs);
  switch (state.kind) {
    case 'discovering':
      return input.kind === 'discovered' ? discovered(state, input.atMs, config) : stay(state);
    case 'locating':
      return stepLocating(state, input, config);
    case 'listing':
      return stepListing(state, input, config);
    case 'watching':
      return stepWatching(state, input, config);
    case 'expired':
      if (input.kind !== 'woke') return stay(state);
      return resume(
        { kind: 'list', request: state.request },
        { trouble: state.trouble, atMs: input.atMs },
        config,
      );
    case 'lost':
    case 'forbidden':
      if (input.kind !== 'woke') return stay(state);
      return resume(state.next, { trouble: state.trouble, atMs: input.atMs }, config);
    case 'retired':
      return stay(state);
  }
}

function discovered(state: DiscoveringState, atMs: number, config: FeedConfig): FeedStep {
  const { next, trouble } = state;
  if (trouble.attempt > 1) {
    // Discovery names the type, its own requests are answered with 404: pause as for any failure.
    const pause = backoff(trouble.attempt, config.tuning);
    return {
      state: { kind: 'lost', next, trouble: { ...trouble, state: 'lost', sinceMs: atMs } },
      effects: [{ kind: 'sleep', ...pause }],
    };
  }
  const step = resume(next, { trouble, atMs }, config);
  if (trouble.attempt > 0) return step;
  const mode = next.kind === 'watch' ? 'resume' : 'list';
  return { state: step.state, effects: [{ kind: 'countStart', mode }, ...step.effects] };
}

function retire(state: FeedMachineState, sinceMs: number): FeedStep {
  if (state.kind === 'retired') return stay(state);
  return { state: { kind: 'retired', sinceMs }, effects: [{ kind: 'stop' }] };
}

function stay(state: FeedMachineState): FeedStep {
  return { state, effects: [] };
}
