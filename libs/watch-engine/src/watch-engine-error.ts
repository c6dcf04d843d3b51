/** The one error of this room; messages carry names, numbers and paths of the API only. */

/**
 * - `invalidOptions`: options contradict each other; the message names every problem. Who
 *   configures must act.
 * - `discovery`: the API server's discovery could not be read at all. Trying again helps.
 * - `otherCluster`: the address answers as another cluster than before (uid of `kube-system`).
 *   Whoever knows whose account it is must decide; the checkpoints mean nothing there.
 */
export type WatchEngineErrorCode = 'invalidOptions' | 'discovery' | 'otherCluster';

/** Thrown by everything in this room. */
export class WatchEngineError extends Error {
  override readonly name = 'WatchEngineError';
  /** What went wrong; says who must act. */
  readonly code: WatchEngineErrorCode;
  /** HTTP status that led to it; 0 if none. */
  readonly status: number;
  /** How long the server asks to be left alone; 0 if it does not. */
  readonly retryAfterMs: number;

  constructor(
    code: WatchEngineErrorCode,
    message: string,
    answer: { readonly status?: number; readonly retryAfterMs?: number } = {},
  ) {
    super(message);
    this.code = code;
    this.status = answer.status ?? 0;
    this.retryAfterMs = answer.retryAfterMs ?? 0;
  }
}

/** The `code` of a foreign error, else its class name: never its message, which may quote data. */
export function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.name : 'unknown';
}
