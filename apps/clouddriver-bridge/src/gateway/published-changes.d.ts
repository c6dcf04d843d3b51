/**
 * The changes of one kind as watches see them: in the order of resourceVersions, for as long as they
 * are remembered. Every watcher reads the same entries, each at its own place; each entry is written
 * out once, whoever reads it.
 */
import { type JournalBudget } from './journal-budget.ts';
import { type ObjectMatcher } from './object-selector.ts';
/** What a watch says of an object. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';
/** What happened to an object. */
export interface ChangeFacts {
    /** `''` for a cluster-scoped object. */
    readonly namespace: string;
    readonly name: string;
    /** Namespace of the feed that brought it, `''` for all. */
    readonly feed: string;
    /** `undefined`: there was none. */
    readonly before: Uint8Array | undefined;
    /** `undefined`: there is none any more. */
    readonly after: Uint8Array | undefined;
    /** What a client knows when it has seen this: everything up to here, or less. */
    readonly resourceVersion: string;
    /** Clients that know this much know of the change; `undefined`: nobody does, since it is a repair. */
    readonly knownAfter: string | undefined;
}
/** A change that can be written out. */
export declare class PublishedChange implements ChangeFacts {
    #private;
    readonly namespace: string;
    readonly name: string;
    readonly feed: string;
    readonly before: Uint8Array | undefined;
    readonly after: Uint8Array | undefined;
    readonly resourceVersion: string;
    readonly knownAfter: string | undefined;
    constructor(facts: ChangeFacts);
    /** Bytes that it holds; a line of it is about as long as the object. */
    get bytes(): number;
    /** The line of a watch; the same bytes for everybody. */
    line(type: WatchEventType): Uint8Array;
    /** What it is to a watcher with a selector; worked out once for all with the same one. */
    eventsFor({ key, matches }: WatchSelector): readonly WatchEventType[];
}
/** What a watcher wants to see. */
export interface WatchSelector {
    /** Equal for selectors that want the same. */
    readonly key: string;
    /** `undefined`: everything. */
    readonly matches: ObjectMatcher | undefined;
}
/** What a reader finds at its place. */
export type ReadChanges = {
    readonly kind: 'changes';
    readonly changes: readonly PublishedChange[];
    readonly next: number;
}
/** Some of what follows is not remembered any more. */
 | {
    readonly kind: 'expired';
};
/** Where a watch begins. */
export interface WatchStart {
    /** Place in the log. */
    readonly next: number;
    /** Whether the client knows of a change at a place. */
    isKnown(place: number, change: PublishedChange): boolean;
    /** Whether the client knows more than what a version stands for. */
    isAhead(version: string): boolean;
}
/** One line of a watch. */
export declare function watchLine(type: string, object: Uint8Array): Uint8Array;
/** The log of one kind of one account. */
export declare class PublishedChanges {
    #private;
    /** `feeds`: up to where each feed was when the log began. */
    constructor(budget: JournalBudget, feeds: ReadonlyMap<string, string>);
    /** The place after the last change. */
    get tip(): number;
    /** A change is published. */
    add(facts: ChangeFacts): void;
    /** Nothing is remembered any more. */
    clear(): void;
    /**
     * Where a client that knows everything of some feeds up to a version goes on; `undefined`: it must
     * list anew.
     */
    startAfter(version: string, feeds: readonly string[]): WatchStart | undefined;
    /** Changes from a place on, at most so many. */
    read(place: number, most: number): ReadChanges;
}
//# sourceMappingURL=published-changes.d.ts.map