/** The feeds that an account's objects come from: those that are open, and those that only SQL knows. */
import { type StoredFeed } from '@fairlead/sql-cache';
import { type OpenedFeed } from '../account-feeds.ts';
/** One feed, as far as it is committed. */
export interface ServedFeed {
    readonly group: string;
    readonly version: string;
    readonly resource: string;
    /** Kubernetes kind. */
    readonly kind: string;
    readonly namespaced: boolean;
    /** `''`: all namespaces, or none. */
    readonly namespace: string;
    /** Clouddriver's cache type. */
    readonly type: string;
    /** `''`: its first list is not complete. */
    readonly resourceVersion: string;
    /** Up to when its objects are known to be what the cluster holds, epoch milliseconds. */
    readonly asOfMs: number;
}
/** Feeds whose objects are stored; of a feed that is open, what it has brought counts. */
export declare function servedFeeds(open: readonly OpenedFeed[], stored: readonly StoredFeed[]): readonly ServedFeed[];
//# sourceMappingURL=served-feeds.d.ts.map