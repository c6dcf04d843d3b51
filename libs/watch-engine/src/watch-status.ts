/**
 * The one table of what API servers answer with when they do not do as asked: number or reason in,
 * what it means for a feed out. https://kubernetes.io/docs/reference/using-api/api-concepts/
 */

/**
 * - `expired`: the resourceVersion or continue token is too old (410).
 * - `tooNew`: the server is not yet, or no longer, where our resourceVersion says (504).
 * - `unauthorized`: the credentials were not accepted (401).
 * - `forbidden`: this account may not do this (403, 405).
 * - `missing`: the type is not served (404).
 * - `invalid`: the request was not understood (400, 422).
 * - `failing`: anything else, 429 and 5xx among it; the same request may work later.
 */
export type RefusalMeaning =
  'expired' | 'tooNew' | 'unauthorized' | 'forbidden' | 'missing' | 'invalid' | 'failing';

const BY_STATUS: ReadonlyMap<number, RefusalMeaning> = new Map([
  [400, 'invalid'],
  [401, 'unauthorized'],
  [403, 'forbidden'],
  [404, 'missing'],
  [405, 'forbidden'],
  [410, 'expired'],
  [422, 'invalid'],
]);

/** A Status without a code still names its reason. */
const BY_REASON: ReadonlyMap<string, RefusalMeaning> = new Map([
  ['BadRequest', 'invalid'],
  ['Expired', 'expired'],
  ['Forbidden', 'forbidden'],
  ['Gone', 'expired'],
  ['Invalid', 'invalid'],
  ['MethodNotAllowed', 'forbidden'],
  ['NotFound', 'missing'],
  ['Unauthorized', 'unauthorized'],
]);

/** Longest text of a 403 that is told: it names user, verb and resource. */
const MAX_MESSAGE_LENGTH = 200;

/** What an HTTP status and the Status object beside it say. */
export interface Refusal {
  /** 0 if unknown. */
  readonly status: number;
  readonly reason: string;
  readonly message: string;
}

/** What a refusal means. */
export function meaningOf(refusal: Refusal): RefusalMeaning {
  // kube-apiserver answers 504 with this text when its cache does not reach the resourceVersion,
  // since v1.36 behind another word ('Timeout: '). The cause in `details` is newer than the text.
  if (refusal.message.includes('Too large resource version')) return 'tooNew';
  return BY_STATUS.get(refusal.status) ?? BY_REASON.get(refusal.reason) ?? 'failing';
}

/** A refusal in a few words, for status and logs. */
export function describeRefusal(refusal: Refusal): string {
  const number = refusal.status === 0 ? 'error' : `HTTP ${refusal.status}`;
  const head = refusal.reason === '' ? number : `${number} ${refusal.reason}`;
  if (meaningOf(refusal) !== 'forbidden' || refusal.message === '') return head;
  return `${head}: ${refusal.message.slice(0, MAX_MESSAGE_LENGTH)}`;
}
