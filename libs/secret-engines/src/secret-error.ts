/**
 * The one error of this room: a closed code and a message that names the engine and the place, never
 * a value. Foreign errors are translated by the engines; their messages are left behind on purpose.
 */

/**
 * What went wrong.
 *
 * | code | when | retry? | who acts |
 * |---|---|---|---|
 * | `syntax` | the reference cannot be read | after a change | whoever wrote it |
 * | `disabled` | its engine is not configured | after a change | owner of `secrets:` |
 * | `denied` | the engine knows us and refuses, or does not know us | yes, slowly | owner of the engine's rules |
 * | `notFound` | nothing is at the place, or it was deleted | yes, slowly | owner of the secret |
 * | `noKey` | something is there, without the key | yes, slowly | owner of the secret |
 * | `malformed` | what is there is not of the form that was asked for | yes, slowly | owner of the secret |
 * | `unavailable` | no answer, an answer that means "later", or a sealed vault | yes | nobody yet |
 */
export type SecretErrorCode =
  'syntax' | 'disabled' | 'denied' | 'notFound' | 'noKey' | 'malformed' | 'unavailable';

/** Thrown by everything in this room. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  /** What went wrong; the table at {@link SecretErrorCode} says who must act. */
  readonly code: SecretErrorCode;
  /** What is wrong, without the place: `permission denied`. */
  readonly reason: string;
  /** Engine and place, as `describeReference` has them; '' for errors of syntax. */
  readonly place: string;

  constructor(code: SecretErrorCode, reason: string, place = '') {
    super(place === '' ? reason : `${place}: ${reason}`);
    this.code = code;
    this.reason = reason;
    this.place = place;
  }

  /** The same error with the place that it was met at. */
  at(place: string): SecretError {
    return this.place === '' ? new SecretError(this.code, this.reason, place) : this;
  }

  /** Whatever an engine threw: what is no `SecretError` yet is a failure to get through. */
  static from(error: unknown, place: string): SecretError {
    if (error instanceof SecretError) return error.at(place);
    const code = systemCodeOf(error);
    const reason = code === '' ? 'cannot be read' : `cannot be read (${code})`;
    return new SecretError('unavailable', reason, place);
  }
}

/** Names that Node.js and the SDKs give to what cannot be reached; '' if there is none. */
export function systemCodeOf(error: unknown): string {
  for (const each of [error, causeOf(error)]) {
    if (typeof each !== 'object' || each === null) continue;
    const { code, name } = each as { code?: unknown; name?: unknown };
    if (typeof code === 'string' && /^\w{1,60}$/.test(code)) return code;
    if (name === 'TimeoutError' || name === 'AbortError') return 'timed out';
  }
  return '';
}

function causeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null ? (error as { cause?: unknown }).cause : null;
}
