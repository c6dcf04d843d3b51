/** What can go wrong on the way to a cluster, other than an answer of its API server. */

/**
 * - `unavailable`: no agent serves the account, or no tunnel to it could be had. Nothing of the
 *   request has reached it: asking again is safe.
 * - `noAnswer`: the agent has the request, and no head of an answer came in time. It may have been
 *   executed.
 * - `interrupted`: the way broke while the request was under way. `mayHaveRun` says what is known.
 * - `unreachable`: the agent could not reach its API server. Nothing was sent to it.
 * - `tooLarge`: a head or a message is larger than what is allowed.
 * - `aborted`: the one who asked waits no longer.
 * - `violated`: the other side broke the protocol; a bug there.
 */
export type ApiTunnelErrorCode =
  'unavailable' | 'noAnswer' | 'interrupted' | 'unreachable' | 'tooLarge' | 'aborted' | 'violated';

/** The one error of this room. */
export class ApiTunnelError extends Error {
  override readonly name = 'ApiTunnelError';
  /** What happened; says whether asking again is safe. */
  readonly code: ApiTunnelErrorCode;
  /** Whether the API server may have seen the request. */
  readonly mayHaveRun: boolean;

  constructor(
    code: ApiTunnelErrorCode,
    message: string,
    options: { readonly mayHaveRun?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.mayHaveRun = options.mayHaveRun ?? false;
  }
}
