/**
 * The one error of this room. Its `code` says who must act; `hint` says what they should do.
 * Start here when deciding whether a suite is skipped (`unavailable`) or has failed (the rest).
 */

/**
 * Why the testbed could not do what it was asked.
 *
 * - `unavailable`: the server's program is not on this machine and could not be had. Retrying does
 *   not help; whoever owns the machine must install what `hint` names. Suites may be skipped.
 * - `buildFailed`: the program's source is here but did not build. Retrying rarely helps; look at
 *   the output in `detail`.
 * - `startFailed`: the program exited, or was not ready in time. `detail` is the end of its log.
 * - `notRunning`: the server was asked to do something that only a running one can do, or was
 *   started twice. A bug in the test.
 * - `requestFailed`: a running server refused a statement or request. A bug in the test, or a
 *   server that the test has just paused or killed.
 */
export type TestbedErrorCode =
  'unavailable' | 'buildFailed' | 'startFailed' | 'notRunning' | 'requestFailed';

/** What may be said beside the message. */
export interface TestbedErrorOptions {
  /** The error that led to this one. */
  readonly cause?: unknown;
  /** What a person should do about it, as a sentence. */
  readonly hint?: string | undefined;
  /** The end of the program's output, several lines. */
  readonly detail?: string | undefined;
}

/** Thrown by everything in this room; hint and detail are repeated in `message` for test reports. */
export class TestbedError extends Error {
  override readonly name = 'TestbedError';
  /** Why; closed union, safe to switch on. */
  readonly code: TestbedErrorCode;
  /** What a person should do about it; undefined when there is nothing to say. */
  readonly hint: string | undefined;
  /** The end of the program's output; undefined when it said nothing. */
  readonly detail: string | undefined;

  constructor(code: TestbedErrorCode, message: string, options: TestbedErrorOptions = {}) {
    const { cause, hint, detail } = options;
    const lines = [message, hint, detail].filter((line) => line !== undefined && line !== '');
    super(lines.join('\n'), cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
    this.detail = detail;
  }

  /** Passes a TestbedError on as it is; anything else becomes one with the given code. */
  static from(error: unknown, code: TestbedErrorCode): TestbedError {
    if (error instanceof TestbedError) return error;
    return new TestbedError(code, describeError(error), { cause: error });
  }
}

/** By shape, not by class: Node's own errors are of another realm than Jest's. */
function describeError(error: unknown): string {
  if (typeof error !== 'object' || error === null) return String(error);
  if ('errors' in error && Array.isArray(error.errors)) {
    return error.errors.map(describeError).join('; ');
  }
  return 'message' in error ? String(error.message) : 'unknown error';
}
