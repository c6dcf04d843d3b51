import { type ResourcePath } from './resource-path.ts';
import { type ServedFeed } from './served-feeds.ts';
/** A resource that can be read from the cache. */
export interface CachedKind {
    /** Clouddriver's cache type. */
    readonly type: string;
    /** The caching agent that owns the rows. */
    readonly agent: string;
    /** As objects have it. */
    readonly apiVersion: string;
    /** Kubernetes kind. */
    readonly kind: string;
    /** `pods`, `deployments.apps`. */
    readonly resource: string;
    readonly namespaced: boolean;
    /** The feeds that the request is about. */
    readonly feeds: readonly ServedFeed[];
    /** Up to when all of it is known to be true, epoch milliseconds. */
    readonly asOfMs: number;
    /** The only namespaces that are cached; empty: all of them are. */
    readonly onlyNamespaces: readonly string[];
}
/** Finds a resource in an account's feeds. Throws {@link CachedReadError}. */
export declare function findCachedKind(account: string, path: ResourcePath, feeds: readonly ServedFeed[]): CachedKind;
//# sourceMappingURL=cached-kind.d.ts.map