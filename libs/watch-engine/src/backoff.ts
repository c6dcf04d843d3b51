/** How long to pause after a failure: a range that doubles, for the driver to draw from. */
import type { WatchTuning } from './watch-options.ts';

/** A pause of at least and at most so long. */
export interface Pause {
  readonly minMs: number;
  readonly maxMs: number;
}

/** No server may send a feed to sleep for longer than this. */
const MAX_RETRY_AFTER_MS = 5 * 60_000;

type BackoffTuning = Pick<WatchTuning, 'backoffBaseMs' | 'backoffMaxMs'>;

/** Pause after the `attempt`th failure in a row (from 1): the upper half of a doubling range. */
export function backoff(attempt: number, tuning: BackoffTuning): Pause {
  const ceilingMs = ceiling(attempt, tuning);
  return { minMs: ceilingMs / 2, maxMs: ceilingMs };
}

/** Pause that spreads many feeds that fail at the same moment: from nothing to the range's end. */
export function spread(attempt: number, tuning: BackoffTuning): Pause {
  const ceilingMs = ceiling(attempt, tuning);
  return { minMs: attempt <= 1 ? 0 : ceilingMs / 2, maxMs: ceilingMs };
}

/** Pause that obeys the server's Retry-After and never comes sooner than the backoff would. */
export function obeying(retryAfterMs: number, pause: Pause): Pause {
  const askedMs = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
  if (askedMs <= pause.minMs) return pause;
  return { minMs: askedMs, maxMs: askedMs + (pause.maxMs - pause.minMs) };
}

function ceiling(attempt: number, tuning: BackoffTuning): number {
  // 2^30 x base is far above any maximum; the bound keeps the number finite.
  return Math.min(tuning.backoffMaxMs, tuning.backoffBaseMs * 2 ** Math.min(attempt - 1, 30));
}
