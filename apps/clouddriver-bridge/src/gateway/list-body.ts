/** The body of a list: an envelope around objects as they are stored, byte for byte. */
import { type CachedKind } from './cached-kind.ts';
import { type ObjectMatcher } from './object-selector.ts';
import { type StoredObject } from './stored-objects.ts';

/** What stands around the objects. */
export interface ListHead {
  readonly kind: Pick<CachedKind, 'kind' | 'apiVersion'>;
  readonly resourceVersion: string;
  /** Leads to the next page; `''`: there is none. */
  readonly continueToken: string;
}

/** One page. */
export interface CollectedPage {
  readonly objects: readonly Uint8Array[];
  /** The last row that was looked at, if there may be more. */
  readonly lastId: string | undefined;
}

/** A page of fewer objects than asked for is allowed; it is never longer than this by more than one. */
export const maxPageBytes = 8 * 1024 * 1024;
/** Smaller pieces would cost more to send than to make. */
const pieceBytes = 64 * 1024;

const comma = Buffer.from(',');
const listEnd = Buffer.from(']}\n');

/** All of a list in pieces, of which the first has the head. */
export async function* listPieces(
  head: ListHead,
  objects: AsyncIterable<StoredObject> | Iterable<StoredObject>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let parts: Uint8Array[] = [listStart(head)];
  let bytes = 0;
  let isFirst = true;
  for await (const { object } of objects) {
    if (!isFirst) parts.push(comma);
    isFirst = false;
    parts.push(object);
    bytes += object.byteLength;
    if (bytes < pieceBytes) continue;
    yield Buffer.concat(parts);
    parts = [];
    bytes = 0;
  }
  yield Buffer.concat([...parts, listEnd]);
}

/** A whole page. */
export function listBody(head: ListHead, objects: readonly Uint8Array[]): Uint8Array {
  const parts = objects.flatMap((object, at) => (at === 0 ? [object] : [comma, object]));
  return Buffer.concat([listStart(head), ...parts, listEnd]);
}

/** Only objects that are wanted. */
export async function* wantedOf(
  objects: AsyncIterable<StoredObject>,
  matches: ObjectMatcher | undefined,
): AsyncGenerator<StoredObject, void, undefined> {
  for await (const each of objects) if (matches?.(each.object) ?? true) yield each;
}

/** Takes objects until there are `limit` of them, or as many bytes as a page may have. */
export async function collectPage(
  objects: AsyncIterable<StoredObject>,
  limit: number,
): Promise<CollectedPage> {
  const taken: Uint8Array[] = [];
  let lastId: string | undefined;
  let bytes = 0;
  for await (const { id, object } of objects) {
    // There is one more: the page before it has a next one.
    if (taken.length === limit || bytes >= maxPageBytes) return { objects: taken, lastId };
    taken.push(object);
    bytes += object.byteLength;
    lastId = id;
  }
  return { objects: taken, lastId: undefined };
}

function listStart({ kind, resourceVersion, continueToken }: ListHead): Uint8Array {
  const more = continueToken === '' ? {} : { continue: continueToken };
  const envelope = {
    kind: `${kind.kind}List`,
    apiVersion: kind.apiVersion,
    metadata: { resourceVersion, ...more },
  };
  return Buffer.from(`${JSON.stringify(envelope).slice(0, -1)},"items":[`);
}
