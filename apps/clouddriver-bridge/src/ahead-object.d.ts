/**
 * What was found of one object beside its feed: in the answer to a write, or by a read. What comes of
 * it is decided in the order of the account's writer, where the feed is known to be.
 */
/** One object as the cluster had it at one moment, cut as its feed cuts objects. */
export interface AheadObject {
    /** API group, `''` for core. */
    readonly group: string;
    /** Plural resource name. */
    readonly resource: string;
    /** `''` for a cluster-scoped object. */
    readonly namespace: string;
    readonly name: string;
    /** `metadata.uid`; `''` if there is no object. */
    readonly uid: string;
    /** At which this is true: the object's own, or the read's. */
    readonly resourceVersion: string;
    /** The object's JSON; `undefined` if there is none, or none that leaves the cluster. */
    readonly object: Uint8Array | undefined;
}
/**
 * What the feed makes of it:
 * - `taken`: it is in the unit; `putAside`: the letter about it is.
 * - `passed`: the feed, or an object found later, has told this or something newer.
 * - `later`: it cannot be told yet: a snapshot is under way, or too much is ahead of the feed. The
 *   feed will bring it.
 * - `unordered`: the cluster's resourceVersions have no order. The feed will bring it.
 */
export type AheadOutcome = 'taken' | 'putAside' | 'passed' | 'later' | 'unordered';
/**
 * What became of it: `committed`, `passed` and `putAside` are in the database. `noFeed`: no open feed
 * brings such objects. `stopped`: the account is fed by another link or bridge by now.
 */
export type AheadFate = 'committed' | Exclude<AheadOutcome, 'taken'> | 'noFeed' | 'stopped';
/** What waits to be committed, with its end. */
export declare class PendingAhead {
    /** What was found. */
    readonly found: AheadObject;
    /** Resolves once; never rejects. */
    readonly fate: Promise<AheadFate>;
    /** States what became of it; only the first time counts. */
    readonly settle: (fate: AheadFate) => void;
    constructor(found: AheadObject);
    /** Bytes that it holds. */
    get bytes(): number;
}
//# sourceMappingURL=ahead-object.d.ts.map