/**
 * Where one feed has got to, with which rows are newer than that: what its checkpoint says. It moves
 * with the feed's deltas, and is in the database with the unit that they are in.
 */
import { type DeltaRecord, type OpenFeed } from '@fairlead/protocol';
import { AheadRows } from './ahead-rows.ts';
import { type UnitBuilder } from './unit-builder.ts';
/** Where a feed has got to. */
export interface FeedProgress {
    /** The resourceVersion of the newest delta taken; `''` before the first snapshot is complete. */
    readonly resourceVersion: string;
    /** When the agent had read it, epoch milliseconds by its clock; 0 if never. */
    readonly asOfMs: number;
    /** Policy of all rows of the feed; `''` if they are not known to be of one. */
    readonly policy: string;
}
/** Where a feed begins. */
export interface PositionStart {
    /** What the database has; `undefined` for a feed that it does not know. */
    readonly stored: FeedProgress | undefined;
    /** Rows that are newer than that. */
    readonly ahead?: AheadRows | undefined;
    /**
     * What a feed before this one had got to, which may not be in the database yet; `''` for none.
     * @defaultValue `''`
     */
    readonly notBefore?: string;
}
/** Where one feed is. */
export declare class FeedPosition {
    #private;
    /** Rows that are newer than the feed. */
    readonly ahead: AheadRows;
    constructor(feed: OpenFeed, type: string, start: PositionStart);
    /** The newest resourceVersion taken; `''` before the first snapshot is complete. */
    get resourceVersion(): string;
    /**
     * The same, if all rows are of that time or were written ahead, and there is an order: then it can
     * be told of any other version whether it is newer.
     */
    get orderedVersion(): string | undefined;
    /** Where the feed is in the database. */
    get committed(): FeedProgress;
    /** Remembers what was taken so far; call what it answers when that is in the database. */
    mark(): () => void;
    /** A delta was taken that is no part of a snapshot, or ends one. */
    advance(record: DeltaRecord, unit: UnitBuilder): void;
    /** A snapshot begins. A first one that never ends still leaves rows, which somebody must retire. */
    beginSnapshot(asOfMs: number, unit: UnitBuilder): void;
    /** A snapshot ends; after one that was not swept there may be rows of before. */
    endSnapshot(end: DeltaRecord, unit: UnitBuilder): void;
    /** The checkpoint goes into the unit. */
    checkpoint(unit: UnitBuilder): void;
}
//# sourceMappingURL=feed-position.d.ts.map