/** Counts what a snapshot that was taken for a repair has to change. */
import { type DeltaRecord } from '@fairlead/protocol';
import { type RowState } from './row-versions.ts';
/** What became of rows. */
export type RepairResult = 'inserted' | 'updated' | 'deleted';
/** Rows by what became of them. */
export type RepairedRows = Readonly<Record<RepairResult, number>>;
/** One repair of a feed, from the decision to the end of its snapshot. */
export declare class RepairTally {
    #private;
    /** Resolves with the counts when the snapshot is complete, with nothing when it never will be. */
    get ended(): Promise<RepairedRows | undefined>;
    /** A snapshot begins: what an unfinished one has counted is counted again. */
    begin(): void;
    /** An object came whose row was in this state. */
    came(record: DeltaRecord, before: RowState): void;
    /** Rows went that no object came for. */
    went(rows: number): void;
    /** The snapshot is complete. */
    complete(): void;
    /** It never will be. */
    giveUp(): void;
}
//# sourceMappingURL=repair-tally.d.ts.map