/** Answers `get` and `list` from the cache. */
import { type ApiResponse } from '@fairlead/api-tunnel';
import { type CachedRead } from './cached-reads.ts';
import { type KindJournal } from './kind-journal.ts';
import { type ObjectRows, type StoredObject } from './stored-objects.ts';
/** All objects of a kind at one moment, and how they are read. */
export interface ListMoment {
    /** `undefined`: nobody writes. */
    readonly journal: KindJournal | undefined;
    /** Where it is in the journal. */
    readonly rows: number;
    /** Where the changes after it begin. */
    readonly changes: number;
    readonly resourceVersion: string;
}
/** Lists of all kinds. */
export declare class CachedLists {
    #private;
    constructor(cache: ObjectRows, clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    });
    /** One object. */
    get({ account, kind, path }: CachedRead, name: string): Promise<ApiResponse>;
    /** All objects, or a page of them. */
    list(read: CachedRead): Promise<ApiResponse>;
    /** The objects that a read wants as they were at a moment. */
    objects(read: CachedRead, moment: ListMoment, afterId: string): AsyncGenerator<StoredObject, void, undefined>;
    /**
     * The moment that is now, or when the cache has reached a version that the client knows (`''`: any).
     * Throws {@link CachedReadError} 504 when it does not in time.
     */
    now(read: CachedRead, wanted: string): Promise<ListMoment>;
}
//# sourceMappingURL=cached-lists.d.ts.map