/** Where a list goes on, and as of when. */
export interface ListPlace {
    /** The journal that remembers what has changed since; `''`: nobody wrote then. */
    readonly journal: string;
    /** The epoch of the account's last writer. */
    readonly epoch: number;
    /** Position in the journal. */
    readonly position: number;
    /** Version of the whole list. */
    readonly resourceVersion: string;
    /** The last row that was looked at. */
    readonly afterId: string;
}
/** A place as text that is safe in a URL. */
export declare function encodeListPlace(place: ListPlace): string;
/** Reads a place. Throws {@link CachedReadError} 400. */
export declare function decodeListPlace(token: string): ListPlace;
//# sourceMappingURL=continue-token.d.ts.map