/** The options that have a meaning for the cache. */
export interface ListOptions {
    readonly isWatch: boolean;
    readonly labelSelector: string;
    readonly fieldSelector: string;
    /** Objects of a page at most; 0: all. */
    readonly limit: number;
    /** `''`: the first page. */
    readonly continueToken: string;
    /** `''`: none. */
    readonly resourceVersion: string;
    readonly resourceVersionMatch: 'NotOlderThan' | 'Exact' | '';
    /** `undefined`: not said. */
    readonly sendInitialEvents: boolean | undefined;
    readonly allowWatchBookmarks: boolean;
    /** 0: as the server likes. */
    readonly timeoutSeconds: number;
}
/** Reads a query. Throws {@link CachedReadError} 400. */
export declare function readListOptions(query: string): ListOptions;
//# sourceMappingURL=list-options.d.ts.map