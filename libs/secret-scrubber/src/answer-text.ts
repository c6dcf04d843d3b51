/** Steps over a JSON text of an answer that are the same wherever one is looked into. */
import type { MemberReader, Member, Text } from './member-reader.ts';
import { ScrubberError } from './scrubber-error.ts';

const openBrace = 0x7b;
const openBracket = 0x5b;
const letterN = 0x6e;

/** Where something stands. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Members by name. */
export type Members = ReadonlyMap<string, Member>;

/** The text of a member or an element, in the same bytes. */
export function partOf({ bytes }: Text, { start, end }: Stretch): Text {
  return { bytes, start, limit: end };
}

/** Whether a value, known to be JSON, is `null`. */
export function isNull({ bytes }: Text, { start }: Stretch): boolean {
  return bytes[start] === letterN;
}

/** The members of an object that is known to be JSON; throws when one stands twice. */
export function membersOf(reader: MemberReader, text: Text): Members {
  if (text.bytes[text.start] !== openBrace) throw malformedAnswer('an object is none');
  const members = new Map<string, Member>();
  for (const member of reader.membersOf(text)) {
    if (members.has(member.key)) throw malformedAnswer('a member stands twice');
    members.set(member.key, member);
  }
  return members;
}

/** The elements of an array that is known to be JSON; none of `null`. */
export function elementsOf(reader: MemberReader, text: Text): readonly Text[] {
  if (isNull(text, { start: text.start, end: text.limit })) return [];
  if (text.bytes[text.start] !== openBracket) throw malformedAnswer('an array is none');
  return reader.elementsOf(text).map((element) => partOf(text, element));
}

/** Throws for members that nobody here knows. */
export function onlyThese(members: Members, known: ReadonlySet<string>): void {
  for (const key of members.keys()) {
    if (!known.has(key)) throw malformedAnswer('it has a member that is not known');
  }
}

/** Nothing of the answer may leave; says what, never with what. */
export function malformedAnswer(what: string): ScrubberError {
  return new ScrubberError('malformed', `the answer is withheld: ${what}`);
}
