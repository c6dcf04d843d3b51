/**
 * Reads single members out of small JSON objects: list metadata, a Status, annotations. Values
 * become strings only one by one and by name, so that nothing else of the object ever does.
 */
import { JsonWalker } from './json-walker.ts';

/** One member; the positions are those of its value. */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

/** Keys that are looked for, of ASCII that needs no escapes. */
export interface WantedKeys {
  readonly keys: ReadonlySet<string>;
  /** How long they are. */
  readonly lengths: ReadonlySet<number>;
}

/** Gets keys ready to be looked for. */
export function wantedKeys(keys: readonly string[]): WantedKeys {
  return { keys: new Set(keys), lengths: new Set(keys.map((key) => key.length)) };
}

/** A text and the place in it where a value starts; `bytes[limit]` is 0. */
export interface Text {
  readonly bytes: Buffer;
  readonly start: number;
  readonly limit: number;
}

/** Walks the members of an object in order; ends early where the text is not an object. */
export class MemberReader {
  readonly #walker = new JsonWalker();

  /**
   * The members of the object at `start`; none when there is no object. With `lengths`, a key of ASCII
   * without escapes that has none of these lengths is passed over, and never becomes a string.
   */
  *membersOf({ bytes, start, limit }: Text, lengths?: ReadonlySet<number>): Generator<Member> {
    const walker = this.#walker;
    walker.bytes = bytes;
    walker.limit = limit;
    if (walker.at(start) !== 0x7b) return;
    let p = walker.space(start + 1);
    while (walker.at(p) === 0x22) {
      const keyEnd = walker.keyEnd(p);
      const isOther = walker.plain && lengths?.has(keyEnd - p - 2) === false;
      const value = keyEnd < 0 ? -1 : walker.valueStart(keyEnd);
      const end = value < 0 ? -1 : walker.skipValue(value);
      if (end < 0) return;
      if (!isOther) yield { key: decodeString(bytes, p, keyEnd) ?? '', start: value, end };
      p = walker.space(end);
      if (walker.at(p) !== 0x2c) return;
      p = walker.space(p + 1);
    }
  }

  /** The members with one of the keys and a string as value, decoded. */
  stringsOf(text: Text, { keys, lengths }: WantedKeys): ReadonlyMap<string, string> {
    const found = new Map<string, string>();
    for (const { key, start, end } of this.membersOf(text, lengths)) {
      const value = keys.has(key) ? decodeString(text.bytes, start, end) : undefined;
      if (value !== undefined) found.set(key, value);
    }
    return found;
  }

  /** Where the elements of the array at `start` stand; the array must be known to be JSON. */
  elementsOf({ bytes, start, limit }: Text): { readonly start: number; readonly end: number }[] {
    const walker = this.#walker;
    walker.bytes = bytes;
    walker.limit = limit;
    const elements: { readonly start: number; readonly end: number }[] = [];
    let p = walker.space(start + 1);
    while (p < limit && walker.at(p) !== 0x5d) {
      const end = walker.skipValue(p);
      if (end < 0) break;
      elements.push({ start: p, end });
      p = walker.space(end);
      if (walker.at(p) === 0x2c) p = walker.space(p + 1);
    }
    return elements;
  }

  /** Whether exactly one value stands between `start` and `limit`. */
  isValue({ bytes, start, limit }: Text): boolean {
    this.#walker.bytes = bytes;
    this.#walker.limit = limit;
    return this.#walker.skipValue(start) === limit;
  }
}

/** The string value whose quotes stand at `start` and before `end`; undefined for other values. */
export function decodeString(bytes: Buffer, start: number, end: number): string | undefined {
  if (bytes[start] !== 0x22) return undefined;
  return JSON.parse(bytes.toString('utf8', start, end)) as string;
}

/** The number value between the positions; undefined for other values. */
export function decodeNumber(bytes: Buffer, start: number, end: number): number | undefined {
  const first = bytes[start] ?? 0;
  if (first !== 0x2d && (first < 0x30 || first > 0x39)) return undefined;
  return Number(bytes.toString('latin1', start, end));
}
