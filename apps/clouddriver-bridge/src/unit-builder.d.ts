/** Gathers what goes into one transaction: of each row and each feed only the last state. */
import { type Projection } from '@fairlead/clouddriver-model';
import { type CommitUnit, type DeadLetter, type FeedCheckpoint, type FeedName, type RowKey } from '@fairlead/sql-cache';
/** When a unit is full; a delta is never split, so it may be passed by one. */
export interface UnitLimits {
    /** Rows written or deleted. */
    readonly maxRows: number;
    /** Bytes of the rows' bodies. */
    readonly maxBytes: number;
}
/**
 * Measured: 200 to 1000 rows a transaction cost the same per row, and an embedded database holds the
 * event loop for about 10 ms with these.
 */
export declare const unitLimits: UnitLimits;
/** A row that goes. */
export interface DeletedRow extends RowKey {
    /** The resource's version in which its object went; absent if a list was found to lack it. */
    readonly resourceVersion?: string;
}
/** A unit with what is known of its deletes. */
export interface BuiltUnit extends CommitUnit {
    readonly deletes: readonly DeletedRow[];
}
/** Collects one unit of one account. */
export declare class UnitBuilder {
    #private;
    constructor(limits?: UnitLimits);
    /** Whether it is time to commit. */
    get isFull(): boolean;
    /** Whether there is anything to commit. */
    get isEmpty(): boolean;
    /** The object exists in this state. */
    upsert(projection: Projection): void;
    /** The object is gone. */
    delete(key: DeletedRow): void;
    /** The object exists, and cannot become a row; the row that it had stays. */
    putAside(letter: DeadLetter): void;
    /** A dead letter is without object, unless something is put aside under its id again. */
    clearLetter(id: string): void;
    /** The feed has got this far once this unit is committed. */
    checkpoint(checkpoint: FeedCheckpoint): void;
    /** The feed is gone for good. */
    retire(feed: FeedName): void;
    /** The unit; every id stands in it once. */
    build(writer: {
        readonly account: string;
        readonly epoch: number;
    }): BuiltUnit;
}
/** A feed's name within its account as one string. */
export declare function feedKey({ group, resource, namespace }: FeedName): string;
//# sourceMappingURL=unit-builder.d.ts.map