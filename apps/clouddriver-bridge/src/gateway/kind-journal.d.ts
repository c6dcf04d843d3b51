/**
 * What is remembered of the changes of one kind of one account while somebody reads it from the
 * cache. Pure: committed changes in, histories out.
 *
 * A change is published to watchers when its feed's checkpoint has reached it, and then with all
 * others up to there in the order of their resourceVersions. Rows may be newer than the checkpoint
 * (within a snapshot, or when a client's own write was committed first): a watcher that saw such a
 * change early and resumed from its version would miss what the feed had not yet brought.
 */
import { type JournalBudget } from './journal-budget.ts';
import { type ReadChanges, type WatchStart } from './published-changes.ts';
import { PastRows } from './row-history.ts';
/** One row that a unit has changed. */
export interface RowChange {
    readonly id: string;
    readonly namespace: string;
    readonly name: string;
    /** The object; `undefined`: there was none. */
    readonly before: Uint8Array | undefined;
    /** The object; `undefined`: it is gone. */
    readonly after: Uint8Array | undefined;
    /** In which version of the resource; `''`: not known, since a list was found to lack it. */
    readonly resourceVersion: string;
}
/** Where a feed is. */
export interface FeedPlace {
    /** `''`: all namespaces, or none. */
    readonly namespace: string;
    /** `''`: its first list is not complete. */
    readonly resourceVersion: string;
}
/** Where a reader begins: all objects as they are now, and the changes that follow. */
export interface ReadPosition {
    /** Position in the history of rows. */
    readonly rows: number;
    /** Position in the log of changes. */
    readonly changes: number;
}
/** What a journal is made of. */
export interface KindJournalStart {
    /** Unlike any other journal's, of any process. */
    readonly id: string;
    readonly budget: JournalBudget;
    /** The kind's feeds as they are committed. */
    readonly feeds: readonly FeedPlace[];
}
/** A client that knows all rows as they were at a place. */
export declare function everythingFrom(next: number): WatchStart;
/** The journal of one kind. */
export declare class KindJournal {
    #private;
    /** Unlike any other journal's. */
    readonly id: string;
    constructor({ id, budget, feeds }: KindJournalStart);
    /** Whether nothing more is written: the account is not fed here any more, or the kind is not. */
    get isClosed(): boolean;
    /** Whether anybody waits for changes. */
    get isWatched(): boolean;
    /** Now. */
    get position(): ReadPosition;
    /** Changes from a place on, at most so many. */
    read(place: number, most: number): ReadChanges;
    /**
     * Where a watch of a namespace (`undefined`: of all) begins whose client knows everything up to a
     * version; `undefined`: it must list anew.
     */
    startAfter(namespace: string | undefined, version: string): WatchStart | undefined;
    /**
     * Somebody lists all objects at this moment: where, and in which version the list is. Of several
     * feeds the version is that of the one which is furthest behind; the list knows more of the others,
     * and so a watch that goes on from it begins here.
     */
    handOut(namespace: string | undefined): ReadPosition & {
        readonly resourceVersion: string;
    };
    /** All objects as they were at a position. */
    past(position: number): PastRows;
    /**
     * Up to which version of the resource everything is in the rows, in one namespace or (`undefined`)
     * in all that are fed; `''` if that cannot be said.
     */
    versionOf(namespace: string | undefined): string;
    /**
     * Takes what a transaction has changed, and how far it has brought the feeds. Closes when more waits
     * for a checkpoint than may be remembered: who watches lists anew.
     */
    committed(changes: readonly RowChange[], checkpoints: readonly FeedPlace[]): void;
    /** Is called after each change, until the answer is called. */
    subscribe(listener: () => void): () => void;
    /** Nothing follows; those who wait are told. */
    close(): void;
}
//# sourceMappingURL=kind-journal.d.ts.map