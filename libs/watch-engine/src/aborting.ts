/** Waiting that ends with a signal or in time, and signals that end with one another. */
import type { Clock } from './cluster-api.ts';

/** The promise's outcome, or a rejection with the signal's reason if that comes first. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    if (signal.aborted) {
      // The promise is given up; its own failure is nobody's news any more.
      promise.catch(() => undefined);
      abort();
      return;
    }
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A controller that is aborted with `parent`; `release` takes its listener off again. */
export function childController(parent: AbortSignal): {
  readonly controller: AbortController;
  readonly release: () => void;
} {
  const controller = new AbortController();
  const abort = (): void => controller.abort(parent.reason);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return { controller, release: () => parent.removeEventListener('abort', abort) };
}

/**
 * The reason of what simply ended. Without one, `abort()` makes a DOMException with a stack each
 * time, which costs more than all else at the end of a request.
 */
export const OVER: Error = Object.freeze(new Error('over'));

/** The signal's reason as an error. */
export function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}

/** Does the work under a signal that is also aborted after `timeoutMs`; rejects then at once. */
export async function withinTime<T>(
  work: (signal: AbortSignal) => Promise<T>,
  limit: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<T> {
  const { controller, release } = childController(limit.signal);
  const { signal } = controller;
  const timing = limit.clock.sleep(limit.timeoutMs, signal).then(
    () => controller.abort(new TimedOut('no answer in time')),
    // Cancelled below: the work was done before.
    () => undefined,
  );
  try {
    return await orAborted(work(signal), signal);
  } finally {
    release();
    controller.abort(OVER);
    await timing;
  }
}

/** The time of {@link withinTime} is over. */
class TimedOut extends Error {
  readonly code = 'timeout';
}
