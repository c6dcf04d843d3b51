/**
 * What is replaced in an error of an API server about a Secret: messages that may repeat what was
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
const secrets = Buffer.from('"secrets');
/** Longest beginning of such a message: a name of 253 bytes, and quotes. */
const longestSubjectBytes = 280;

const withheld = Buffer.from(
  JSON.stringify(
    "Fairlead's agent withholds what the API server says here: it may repeat values of a Secret",
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

/** `secrets "x" is forbidden: User "..."`, as bytes. */
function isKnownRefusal(bytes: Buffer, { start, end }: Member): boolean {
  if (!bytes.subarray(start, start + secrets.length).equals(secrets)) return false;
  const at = bytes.subarray(start, Math.min(end, start + longestSubjectBytes)).indexOf(forbidden);
  if (at < 0) return false;
  const rest = bytes.subarray(start + at + forbidden.length, end);
  return safeRefusals.some((text) => rest.subarray(0, text.length).equals(text));
}

function replaced({ start, end }: Member): Edit {
  return { start, end, text: withheld };
}
