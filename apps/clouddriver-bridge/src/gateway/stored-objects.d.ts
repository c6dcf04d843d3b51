import { type SqlCache } from '@fairlead/sql-cache';
import { type PastRows } from './row-history.ts';
/** Which objects. */
export interface StoredObjectsQuery {
    readonly account: string;
    readonly type: string;
    readonly agent: string;
    /** `undefined`: of all namespaces; `''`: cluster-scoped ones. */
    readonly namespace: string | undefined;
    /** Only objects of this name. */
    readonly name: string | undefined;
    /** Only objects after this row, in the order of the ids' bytes; `''`: from the beginning. */
    readonly afterId: string;
    /** How many are expected to be wanted; 0: all. */
    readonly limit: number;
}
/** The moment. */
export interface StoredMoment {
    /** What has changed since; `undefined`: nobody writes. */
    readonly past: PastRows | undefined;
    /** Resolves when all that may have been read is noted in `past`. */
    readonly settled: () => Promise<void>;
}
/** One of them. */
export interface StoredObject {
    /** The row's id. */
    readonly id: string;
    readonly object: Uint8Array;
}
/** What is read from. */
export type ObjectRows = Pick<SqlCache, 'listObjectIds' | 'bodiesOf'>;
/** All of them, in the order of their rows' ids. Throws {@link CachedReadError} 410. */
export declare function storedObjects(rows: ObjectRows, query: StoredObjectsQuery, moment: StoredMoment): AsyncGenerator<StoredObject, void, undefined>;
//# sourceMappingURL=stored-objects.d.ts.map