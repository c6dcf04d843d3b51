/**
 * Which version of its object each row of a feed holds, for as long as the feed is compared with its
 * cluster. One flat table, as `seen-ids.ts`: 20 bytes a row, in a table that is at most three quarters
 * full.
 */
import { type VersionHash } from '@fairlead/protocol';
/** What is known of a row. */
export type RowState = /** There is none. */ {
    readonly kind: 'absent';
} | /** It is not what was written. */ {
    readonly kind: 'unsound';
} | /** It holds an object in this version. */ {
    readonly kind: 'sound';
    readonly version: VersionHash;
};
/** A row that holds an object. */
export interface SoundRow {
    /** The row's id, as `wordsOf` gives it. */
    readonly id: Uint32Array;
    /** The version of its object. */
    readonly version: VersionHash;
}
/** Rows of one feed by id. */
export declare class RowVersions {
    #private;
    /** What is known of a row. */
    get(id: string): RowState;
    /** A row as it was read; what came to be known of it since the reading began counts more. */
    read(id: string, state: RowState): void;
    /** A row has changed after the reading began. */
    change(id: string, state: RowState): void;
    /** How many rows hold an object, or are not what was written. */
    count(kind: 'sound' | 'unsound'): number;
    /** The versions of the rows that hold objects, in no order. */
    versions(): Generator<VersionHash>;
    /** The rows that hold objects in the order of their versions, at most so many of them. */
    inVersionOrder(most: number): Generator<SoundRow>;
}
//# sourceMappingURL=row-versions.d.ts.map