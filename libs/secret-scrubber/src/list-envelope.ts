/**
 * What stands around the items of a list body: kind, metadata, or the members of a Status. Every
 * member that decides something may stand once only, so that no second one can say otherwise.
 */
import { MemberReader, decodeNumber, decodeString } from './member-reader.ts';
import type { Text } from './member-reader.ts';
import type { ListScanEvent } from './scanner.ts';
import { ScrubberError } from './scrubber-error.ts';

const decisive: ReadonlySet<string> = new Set([
  'kind',
  'apiVersion',
  'metadata',
  'items',
  'rows',
  'code',
  'reason',
  'message',
]);

/** Collects the members of one body as they come, in any order. */
export class ListEnvelope {
  readonly #feedKind: string;
  readonly #reader = new MemberReader();
  readonly #seen = new Set<string>();
  #kind = '';
  #resourceVersion = '';
  #continueToken = '';
  #code = 0;
  #reason = '';
  #message = '';

  constructor(feedKind: string) {
    this.#feedKind = feedKind;
  }

  /**
   * Reads the key of the next member, quotes included.
   * @throws ScrubberError `malformed` when it is no JSON string, or the second of a decisive name.
   */
  meet(text: Text): string {
    if (!this.#reader.isValue(text)) throw malformedList('a key is not JSON');
    const key = decodeString(text.bytes, text.start, text.limit) ?? '';
    if (this.#seen.has(key)) throw malformedList('a member stands twice');
    if (decisive.has(key)) this.#seen.add(key);
    return key;
  }

  /**
   * Takes the value between `start` and `limit`; values of other members are only checked.
   * @throws ScrubberError `malformed` when it is no JSON value or not the one it should be.
   */
  take(key: string, text: Text): void {
    const { bytes, start, limit } = text;
    if (!this.#reader.isValue(text)) throw malformedList('a member is not JSON');
    switch (key) {
      case 'kind':
        this.#takeKind(decodeString(bytes, start, limit) ?? '');
        return;
      case 'metadata':
        this.#takeMetadata(text);
        return;
      case 'code':
        this.#code = decodeNumber(bytes, start, limit) ?? 0;
        return;
      case 'reason':
        this.#reason = decodeString(bytes, start, limit) ?? '';
        return;
      case 'message':
        this.#message = decodeString(bytes, start, limit) ?? '';
        return;
      case 'items':
      case 'rows':
        // An array would have been read item by item.
        if (bytes[start] !== 0x6e) throw malformedList('the items are no array');
    }
  }

  /**
   * The event of the closed body.
   * @throws ScrubberError `malformed` for a body that is neither a list nor a Status. Without this
   * the answer of another endpoint would pass for an empty list, and everything for deleted.
   */
  close(): ListScanEvent {
    const hasItems = this.#seen.has('items') || this.#seen.has('rows');
    if (this.#kind === 'Status' && !hasItems) {
      return {
        kind: 'status',
        code: this.#code,
        reason: this.#reason,
        message: this.#message,
      };
    }
    if (this.#kind === 'Status' || (!hasItems && !/(?:List|^Table)$/.test(this.#kind))) {
      throw malformedList('the body is not a list');
    }
    return {
      kind: 'listMeta',
      resourceVersion: this.#resourceVersion,
      continueToken: this.#continueToken,
    };
  }

  /** Items of a typed list name no kind: those of a SecretList must not be read as anything else. */
  #takeKind(kind: string): void {
    if (kind === 'SecretList' && this.#feedKind !== 'Secret') {
      throw malformedList('the body is a list of another type');
    }
    this.#kind = kind;
  }

  #takeMetadata(text: Text): void {
    for (const { key, start, end } of this.#reader.membersOf(text)) {
      if (key === 'resourceVersion') {
        this.#resourceVersion = decodeString(text.bytes, start, end) ?? '';
      } else if (key === 'continue') {
        this.#continueToken = decodeString(text.bytes, start, end) ?? '';
      }
    }
  }
}

/** A fault of the body as a whole; says what, never with what. */
export function malformedList(what: string): ScrubberError {
  return new ScrubberError('malformed', `malformed list body: ${what}`);
}
