/** Runs work again and again while what stops it is transient. */
import { describeError, rejectedError, type Classify, type Fault } from './fault.ts';
import type { SqlClock, SqlObserver, SqlRandom } from './sql-cache-options.ts';
import { SqlCacheError } from './sql-cache-error.ts';

/** What retrying needs. */
export interface RetryDeps {
  /** Tells transient errors from others. */
  readonly classify: Classify;
  readonly clock: SqlClock;
  readonly random: SqlRandom;
  readonly observer: SqlObserver;
  /** Called when a table turns out not to be there. */
  readonly onMissingTable: () => void;
}

/** The work, by name. */
export interface RetryRequest {
  /** For the observer. */
  readonly operation: string;
  /** Ends the retries. */
  readonly signal: AbortSignal;
}

/** First pause; a deadlock or a lost connection is often over by then. */
const firstDelayMs = 50;
/** Longest pause; a restarted database is noticed within this time. */
const maxDelayMs = 5000;

/**
 * Runs `work` until it succeeds.
 * @throws SqlCacheError `aborted` when the signal ends it between two attempts, `rejected` for an
 * error that is not transient; a SqlCacheError of the work itself passes through
 */
export async function runRetrying<T>(
  work: () => Promise<T>,
  request: RetryRequest,
  deps: RetryDeps,
): Promise<{ readonly value: T; readonly retries: number }> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      if (request.signal.aborted) throw aborted(request, request.signal.reason);
      return { value: await work(), retries: attempt - 1 };
    } catch (error: unknown) {
      if (error instanceof SqlCacheError) throw error;
      const fault = deps.classify(error);
      if (fault.kind === 'rejected') throw rejectedError(error);
      if (fault.kind === 'missingTable') deps.onMissingTable();
      await pause({ ...request, attempt, reason: reasonOf(fault), error }, deps);
    }
  }
}

function reasonOf(fault: Fault): string {
  return fault.kind === 'transient' ? fault.reason : fault.kind;
}

/** Full jitter: writers that failed together do not come back together. */
async function pause(
  retry: RetryRequest & {
    readonly attempt: number;
    readonly reason: string;
    readonly error: unknown;
  },
  deps: RetryDeps,
): Promise<void> {
  const { operation, attempt, reason } = retry;
  const ceilingMs = Math.min(maxDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 16));
  const delayMs = Math.round(ceilingMs * deps.random.next());
  deps.observer.retrying?.({ operation, reason, attempt, delayMs });
  try {
    await deps.clock.sleep(delayMs, retry.signal);
  } catch {
    // Only the signal ends a sleep early.
    throw aborted(retry, retry.error);
  }
}

function aborted(request: RetryRequest, cause: unknown): SqlCacheError {
  const why = cause instanceof Error ? describeError(cause) : 'stopped';
  return new SqlCacheError('aborted', `${request.operation} given up: ${why}`);
}
