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
export declare const maxPageBytes: number;
/** All of a list in pieces, of which the first has the head. */
export declare function listPieces(head: ListHead, objects: AsyncIterable<StoredObject> | Iterable<StoredObject>): AsyncGenerator<Uint8Array, void, undefined>;
/** A whole page. */
export declare function listBody(head: ListHead, objects: readonly Uint8Array[]): Uint8Array;
/** Only objects that are wanted. */
export declare function wantedOf(objects: AsyncIterable<StoredObject>, matches: ObjectMatcher | undefined): AsyncGenerator<StoredObject, void, undefined>;
/** Takes objects until there are `limit` of them, or as many bytes as a page may have. */
export declare function collectPage(objects: AsyncIterable<StoredObject>, limit: number): Promise<CollectedPage>;
//# sourceMappingURL=list-body.d.ts.map