/**
 * What waits for an account's writer, handed out delta by delta. The order is kept within each feed,
 * which is all that the rows need; between feeds a unit stays with one as long as there is more of it
 * (rows of few types make few statements), and every second unit begins with a light batch if there
 * is one, so that a change does not wait for the snapshots of other feeds. What was found beside the
 * feeds goes before everything: it is ahead of them anyway.
 */
import { type DeltaRecord, type RetireFeed, type TravellingBatch } from '@fairlead/protocol';
import { type PendingAhead } from './ahead-object.ts';
import { type DeadLetterReplay } from './dead-letter-replay.ts';
/** The next thing to do. */
export type Work = /** Nothing waits. */ {
    readonly kind: 'empty';
} | /** A delta of a batch. */ {
    readonly kind: 'delta';
    readonly feedId: number;
    readonly record: DeltaRecord;
} | /** All deltas of the batch were handed out. */ {
    readonly kind: 'batchEnd';
    readonly batch: TravellingBatch;
} | /** All of these checkpoints were handed out. */ {
    readonly kind: 'checkpointsEnd';
    /** What they cost. */
    readonly bytes: number;
} | /** A feed is gone for good. */ {
    readonly kind: 'retirement';
    readonly feed: RetireFeed;
} | /** An object was found beside its feed. */ {
    readonly kind: 'ahead';
    readonly ahead: PendingAhead;
} | /** Somebody wants a dead letter tried again. */ {
    readonly kind: 'replay';
    readonly replay: DeadLetterReplay;
};
/** Where quiet feeds stand, and what it costs to say so. */
export interface QuietCheckpoints {
    /** Of each feed, as a delta. */
    readonly marks: readonly {
        readonly feedId: number;
        readonly record: DeltaRecord;
    }[];
    /** Credits. */
    readonly bytes: number;
}
/** Batches wait as they came, compressed; only one at a time is unpacked. Bounded by credits. */
export declare class WorkQueue {
    #private;
    /** Whether nothing waits. */
    get isEmpty(): boolean;
    /** When the oldest thing that waits came, epoch milliseconds. */
    get oldestReceivedAtMs(): number | undefined;
    /** Adds a batch; those of one lane are handed out in the order in which they were added. */
    addBatch(batch: TravellingBatch, lane: string, receivedAtMs: number): void;
    /** Adds checkpoints; they come after the batches that came before them. */
    addCheckpoints(checkpoints: QuietCheckpoints, receivedAtMs: number): void;
    /** Adds a retirement; it comes after the batches that came before it. */
    addRetirement(feed: RetireFeed, receivedAtMs: number): void;
    /** Adds a replay; it comes after the batches that came before it. */
    addReplay(replay: DeadLetterReplay, receivedAtMs: number): void;
    /** Adds what was found beside a feed; it comes next, in the order in which it was added. */
    addAhead(ahead: PendingAhead, receivedAtMs: number): void;
    /** Drops everything. */
    clear(): void;
    /** Another unit begins: it need not stay with the feed of the one before. */
    beginUnit(): void;
    /**
     * Takes the next thing off.
     *
     * @throws ProtocolError for a batch that is not one.
     */
    next(): Work;
}
//# sourceMappingURL=work-queue.d.ts.map