/**
 * Objects that were found beside their feed, in an answer or by a read: cut and left out exactly as
 * the agent does it with the feed's own, so that nothing comes to SQL on a way round. Nothing of what
 * is cut becomes a string.
 */
import { type FeedView, type OpenFeed } from '@fairlead/protocol';
import { type AheadObject } from '../ahead-object.ts';
/** A feed whose agent has told what leaves the cluster. */
export type ViewedFeed = OpenFeed & {
    readonly view: FeedView;
};
/** What a list of objects of a feed holds. */
export type FoundList = {
    readonly kind: 'list';
    readonly objects: readonly FoundObject[];
    /** Of the list; `''` if it has none. */
    readonly resourceVersion: string;
} | /** It is none, or cannot be read. */ {
    readonly kind: 'unreadable';
    readonly reason: string;
};
/** One object of it. */
export type FoundObject = {
    readonly kind: 'object';
    readonly found: AheadObject;
} | /** It is in a namespace that the feed says nothing of. */ {
    readonly kind: 'outside';
} | /** Not one of the feed's objects, or not readable. */ {
    readonly kind: 'other';
};
/** One object as an answer holds it; the bytes are overwritten where they may hold secrets. */
export declare function foundInObject(object: Uint8Array, feed: ViewedFeed): FoundObject;
/** A list of the feed's type; the chunks are overwritten where they may hold secrets. */
export declare function foundInList(chunks: Iterable<Uint8Array>, feed: ViewedFeed): FoundList;
//# sourceMappingURL=found-object.d.ts.map