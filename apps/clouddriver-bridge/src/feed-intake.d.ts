/**
 * What one feed's deltas mean for the rows: projects objects, keeps the snapshot in progress, moves
 * the checkpoint. Synchronous and without I/O; the account's writer commits what it gathers.
 */
import { type ProjectionContext } from '@fairlead/clouddriver-model';
import { type DeltaRecord, type OpenFeed } from '@fairlead/protocol';
import { type RowKey } from '@fairlead/sql-cache';
import { type AheadObject, type AheadOutcome } from './ahead-object.ts';
import { type FeedAudit } from './feed-audit.ts';
import { type FeedProgress, type PositionStart } from './feed-position.ts';
import { type KnownRows } from './known-rows.ts';
import { type ObjectRecord } from './put-aside.ts';
import { type RepairTally } from './repair-tally.ts';
import { type UnitBuilder } from './unit-builder.ts';
/** What came of a delta. */
export type DeltaOutcome = /** It is in the unit. */ {
    readonly kind: 'taken';
} | /** It cannot become a row, and the letter about it is in the unit. */ {
    readonly kind: 'putAside';
} | /** The row is newer: it was written ahead of the feed. */ {
    readonly kind: 'outdated';
} | /** The snapshot is complete: commit, sweep, then {@link FeedIntake.finishSnapshot}. */ {
    readonly kind: 'snapshotComplete';
};
/** Where a feed begins, and what its objects are projected by. */
export interface IntakeStart extends PositionStart {
    /** Facts of the account. */
    readonly context: ProjectionContext;
    /** Time. @defaultValue it stands still */
    readonly clock?: {
        nowMs(): number;
    };
}
/** One feed of one account under one epoch. */
export declare class FeedIntake {
    #private;
    /** The feed as the agent opened it. */
    readonly feed: OpenFeed;
    /** apiVersion of its objects. */
    readonly apiVersion: string;
    /** Spinnaker kind, which is the rows' type. */
    readonly type: string;
    /** Clouddriver's caching agent that owns the rows. */
    readonly agent: string;
    constructor(feed: OpenFeed, start: IntakeStart);
    /** Where the feed is in the database. */
    get committed(): FeedProgress;
    /** Where a feed begins that replaces this one. */
    get successor(): PositionStart;
    /** Remembers what was taken so far; call what it answers when that is in the database. */
    mark(): () => void;
    /** Whether a snapshot has begun and is not complete. */
    get isInSnapshot(): boolean;
    /** Takes a delta into the unit. */
    take(record: DeltaRecord, unit: UnitBuilder): DeltaOutcome;
    /**
     * Takes an object as it was found beside the feed. While a snapshot is under way it cannot be told
     * whether it is older than what the snapshot has brought.
     */
    takeAhead(found: AheadObject, unit: UnitBuilder): AheadOutcome;
    /** Whether a row stands in the snapshot that is complete, or is newer than it. */
    isSeen(id: string): boolean;
    /** Ends a snapshot: its checkpoint goes into the unit with the last rows swept, if any are. */
    finishSnapshot(unit: UnitBuilder): void;
    /** So many rows went that the snapshot did not name. */
    swept(rows: number): void;
    /** The agent asks what is stored; answers which snapshot it asks for, from 1. */
    ask(): number;
    /** When its rows were last found to be what the cluster holds, epoch milliseconds; 0 if never. */
    get verifiedAtMs(): number;
    /** Its rows are what the cluster holds. */
    verified(nowMs: number): void;
    /** Which of its snapshots asked what is stored, and has not been told; 0 for none. */
    get askedSnapshot(): number;
    /** What the agent is told before the rest of a snapshot comes; false if it is another one by now. */
    tell(snapshot: number, known: KnownRows): boolean;
    /** Is told from now on what the deltas do to the rows; a new one ends the one before. */
    beginAudit(audit: FeedAudit): void;
    /** The comparison under way, if there is one. */
    get audit(): FeedAudit | undefined;
    /** Ends the comparison under way. */
    endAudit(reason: string): void;
    /** The next snapshot is a repair, and is counted. */
    beginRepair(repair: RepairTally): void;
    /** The repair under way will not end. */
    endRepair(): void;
    /** The feed is closed. */
    close(): void;
    /** The row of an object of this feed. */
    rowKey({ namespace, name }: {
        readonly namespace: string;
        readonly name: string;
    }): RowKey;
    /** Takes an object that was put aside once more; neither checkpoint nor snapshot know of it. */
    retry(record: ObjectRecord, unit: UnitBuilder): void;
}
//# sourceMappingURL=feed-intake.d.ts.map