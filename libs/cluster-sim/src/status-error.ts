// What an API server says when it will not do as asked: a Status object with the HTTP code, the
// reason and the message that the real one uses, so that clients can be tested on them.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/
import { type JsonObject } from './json-value.ts';

/** The reasons that the simulator gives. */
export type StatusReason =
  | 'AlreadyExists'
  | 'BadRequest'
  | 'Conflict'
  | 'Expired'
  | 'Forbidden'
  | 'InternalError'
  | 'Invalid'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'NotFound'
  | 'ServiceUnavailable'
  | 'Timeout'
  | 'TooManyRequests'
  | 'Unauthorized'
  | 'UnsupportedMediaType';

/** The HTTP code that goes with a reason. */
export const codeOfReason: Readonly<Record<StatusReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** The reason that an API server usually gives with an HTTP code; InternalError for others. */
export function reasonOfCode(code: number): StatusReason {
  if (code === 409) return 'Conflict';
  const entry = Object.entries(codeOfReason).find(([, known]) => known === code);
  return (entry?.[0] ?? 'InternalError') as StatusReason;
}

/** One reason of a refusal. */
export interface StatusCause {
  /** Machine-readable word: `FieldValueInvalid`. */
  readonly reason: string;
  /** Text for people. */
  readonly message: string;
  /** Path of the field that is wrong: `spec.replicas`. */
  readonly field?: string;
}

/** Which object or type a refusal is about. */
export interface StatusDetails {
  /** API group; '' for the core group. */
  readonly group?: string;
  /** Plural resource name, as the real server gives it. */
  readonly kind?: string;
  /** Object name. */
  readonly name?: string;
  /** Why, field by field. */
  readonly causes?: readonly StatusCause[];
  /** After how many seconds the client may try again. */
  readonly retryAfterSeconds?: number;
}

/** A refusal; the HTTP code follows from its reason. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  /** Why, for programs. */
  readonly reason: StatusReason;
  /** What it is about. */
  readonly details: StatusDetails;
  /** The token to go on with, of an expired list. */
  readonly continueToken: string;

  constructor(
    reason: StatusReason,
    message: string,
    more: { details?: StatusDetails; continueToken?: string } = {},
  ) {
    super(message);
    this.reason = reason;
    this.details = more.details ?? {};
    this.continueToken = more.continueToken ?? '';
  }

  /** The HTTP code of this refusal. */
  get code(): number {
    return codeOfReason[this.reason];
  }

  /** The way in for whatever was thrown: anything unknown is an internal error. */
  static from(error: unknown): StatusError {
    if (error instanceof StatusError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new StatusError('InternalError', `Internal error occurred: ${message}`);
  }
}

/** The Status object of a refusal, members in the order of the real server. */
export function statusBody(error: StatusError): JsonObject {
  const { group, kind, name, causes, retryAfterSeconds } = error.details;
  const details: JsonObject = {};
  if (name) details.name = name;
  if (group) details.group = group;
  if (kind) details.kind = kind;
  if (causes) details.causes = causes.map((cause) => ({ ...cause }));
  if (retryAfterSeconds) details.retryAfterSeconds = retryAfterSeconds;
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: error.continueToken === '' ? {} : { continue: error.continueToken },
    status: 'Failure',
    message: error.message,
    reason: error.reason,
    ...(Object.keys(details).length === 0 ? {} : { details }),
    code: error.code,
  };
}
