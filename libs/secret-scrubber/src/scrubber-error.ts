/**
 * The one error of this room. Its message and fields hold codes and sizes only, never bytes of the
 * body, so that it may be logged as it is.
 */

/**
 * - `truncated`: the body stopped in the middle. Asking the server again helps.
 * - `malformed`: the body is not a list (or not JSON). Repeating rarely helps; something between
 *   here and the API server answers in its place.
 * - `invalidOptions`: a programming or configuration fault; the message names the options.
 * - `closed`: used after `end` or `dispose`; a programming fault.
 * - `released`: a lent object was read after it was given back; a programming fault.
 */
export type ScrubberErrorCode =
  'truncated' | 'malformed' | 'invalidOptions' | 'closed' | 'released';

/** Thrown by scanners and their factories. */
export class ScrubberError extends Error {
  /** What happened; see {@link ScrubberErrorCode}. */
  readonly code: ScrubberErrorCode;

  constructor(code: ScrubberErrorCode, message: string) {
    super(message);
    this.name = 'ScrubberError';
    this.code = code;
  }
}
