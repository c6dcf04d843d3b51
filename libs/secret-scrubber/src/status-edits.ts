/**
 * What is replaced in an error of an API server about something with secret values: messages that may repeat what was
 * submitted, such as `Invalid value: "..."`, or what an admission webhook says of it. Messages are
 * compared as bytes and never become strings.
 */
import type { Edit } from './edits.ts';
import { elementsOf, isNull, membersOf, onlyThese, partOf, type Members } from './answer-text.ts';
import { MemberReader, decodeString, type Member, type Text } from './member-reader.ts';

const statusMembers = new Set([
  ...['kind', 'apiVersion', 'metadata', 'status', 'message', 'reason', 'details', 'code'],
]);
const detailMembers = new Set(['name', 'group', 'kind', 'uid', 'causes', 'retryAfterSeconds']);

/**
 * Reasons whose messages the API server writes without looking into the object
 * (apimachinery, pkg/api/errors/errors.go).
 */
const safeReasons = new Set([
  ...['NotFound', 'AlreadyExists', 'Conflict', 'Unauthorized', 'Expired', 'Gone', 'Timeout'],
  ...['ServerTimeout', 'TooManyRequests', 'MethodNotAllowed', 'NotAcceptable'],
  ...['UnsupportedMediaType', 'ServiceUnavailable'],
]);

/** How messages begin that RBAC, quotas and the end of a namespace write; behind `is forbidden: `. */
const safeRefusals = [
  'User \\"',
  'exceeded quota: ',
  'unable to create new content in namespace ',
].map((text) => Buffer.from(text));
const forbidden = Buffer.from(' is forbidden: ');
const openQuote = Buffer.from(' \\"');
const closeQuote = Buffer.from('\\"');
/** Longest beginning of such a message: a name of 253 bytes, and quotes. */
const longestSubjectBytes = 280;

const withheld = Buffer.from(
  JSON.stringify(
    "Fairlead's agent withholds what the API server says here: it may repeat values that must not leave the cluster",
  ),
);

/** Finds them. */
export class StatusEdits {
  readonly #reader = new MemberReader();

  /** The edits of a Status whose members are `members`. */
  of(text: Text, members: Members): readonly Edit[] {
    onlyThese(members, statusMembers);
    const message = members.get('message');
    const details = members.get('details');
    const edits: Edit[] = [];
    const isSafe = this.#isSafe(text, members);
    if (message !== undefined && !isSafe) edits.push(replaced(message));
    if (details !== undefined && !isNull(text, details)) {
      edits.push(...this.#ofDetails(partOf(text, details), isSafe));
    }
    return edits.sort((a, b) => a.start - b.start);
  }

  #isSafe(text: Text, members: Members): boolean {
    const reason = members.get('reason');
    const word = reason && decodeString(text.bytes, reason.start, reason.end);
    if (word === undefined) return false;
    if (safeReasons.has(word)) return true;
    const message = members.get('message');
    return word === 'Forbidden' && message !== undefined && isKnownRefusal(text.bytes, message);
  }

  #ofDetails(details: Text, isSafe: boolean): readonly Edit[] {
    const members = membersOf(this.#reader, details);
    onlyThese(members, detailMembers);
    const causes = members.get('causes');
    if (isSafe || causes === undefined) return [];
    return elementsOf(this.#reader, partOf(details, causes)).flatMap((cause) => {
      const message = membersOf(this.#reader, cause).get('message');
      return message === undefined ? [] : [replaced(message)];
    });
  }
}

/** `secrets "x" is forbidden: User "..."`, as bytes; no webhook's words begin with a resource. */
function isKnownRefusal(bytes: Buffer, { start, end }: Member): boolean {
  const subject = bytes.subarray(start + 1, Math.min(end, start + longestSubjectBytes));
  const at = subject.indexOf(forbidden) + 1;
  if (at === 0 || !isObject(subject.subarray(0, at - 1))) return false;
  const rest = bytes.subarray(start + at + forbidden.length, end);
  return safeRefusals.some((text) => rest.subarray(0, text.length).equals(text));
}

/** A resource, or a resource and a name between quotes, as they stand in JSON. */
function isObject(subject: Buffer): boolean {
  const length = subject.findIndex((byte) => !isOfResource(byte));
  if (length < 0) return subject.length > 0;
  const name = subject.subarray(length + openQuote.length, -closeQuote.length);
  return (
    length > 0 &&
    subject.subarray(length, length + openQuote.length).equals(openQuote) &&
    subject.subarray(-closeQuote.length).equals(closeQuote) &&
    name.length > 0 &&
    !name.some((byte) => byte === 0x20 || byte === 0x22 || byte === 0x5c)
  );
}

/** Small letters, digits, dots and dashes. */
function isOfResource(byte: number): boolean {
  const isLetter = byte >= 0x61 && byte <= 0x7a;
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2e || byte === 0x2d;
}

function replaced({ start, end }: Member): Edit {
  return { start, end, text: withheld };
}
