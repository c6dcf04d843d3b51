/**
 * Gathers one unit from an account's queue, delta by delta, until it is full or until something must
 * happen before the next. Synchronous, in slices, so that the next unit can be gathered while the
 * database is busy with the one before.
 */
import { type RetireFeed } from '@fairlead/protocol';
import { type AheadFate, type PendingAhead } from './ahead-object.ts';
import { type AccountFeeds, type OpenedFeed } from './account-feeds.ts';
import { type DeadLetterReplay } from './dead-letter-replay.ts';
import { UnitBuilder, type UnitLimits } from './unit-builder.ts';
import { type WorkQueue } from './work-queue.ts';
/** What must happen after a unit is committed, before the next one is. */
export type Afterwards = {
    readonly kind: 'nothing';
} | {
    readonly kind: 'sweep';
    readonly feed: OpenedFeed;
} | {
    readonly kind: 'retire';
    readonly feed: RetireFeed;
} | {
    readonly kind: 'replay';
    readonly replay: DeadLetterReplay;
};
/** What a gathering works with. */
export interface UnitGatheringDeps {
    /** Where deltas come from. */
    readonly queue: WorkQueue;
    /** What they mean. */
    readonly feeds: AccountFeeds;
    /** When the unit is full. @defaultValue `unitLimits` */
    readonly limits: UnitLimits | undefined;
}
/** What was found of an object, and what became of it as soon as the unit is committed. */
export interface GatheredAhead {
    readonly ahead: PendingAhead;
    readonly fate: AheadFate;
}
/** One unit in the making. */
export declare class UnitGathering {
    #private;
    /** The rows and checkpoints. */
    readonly unit: UnitBuilder;
    /** When the agent had read each change that is no part of a snapshot, epoch milliseconds. */
    readonly readAtMs: number[];
    /** Batches that are whole with this unit: by feed, the newest one. */
    readonly acknowledged: Map<number, number>;
    /** Feeds whose agent asks, from the beginning of a snapshot in it, what is stored. */
    readonly asking: {
        readonly feed: OpenedFeed;
        readonly snapshot: number;
    }[];
    /** What was found beside the feeds and is in it, or in units before it. */
    readonly aheads: GatheredAhead[];
    constructor(deps: UnitGatheringDeps);
    /** What must follow its commit. */
    get afterwards(): Afterwards;
    /** Deltas in it. */
    get deltas(): number;
    /** Those of them that were older than rows which had been written ahead. */
    get outdated(): number;
    /** Whether somebody waits for more than a snapshot. */
    get isUrgent(): boolean;
    /** Bytes of the batches that are whole with it. */
    get bytes(): number;
    /** When the oldest thing in it came, epoch milliseconds; `undefined` while nothing is in it. */
    get sinceMs(): number | undefined;
    /** Whether nothing was taken. */
    get isEmpty(): boolean;
    /** Takes at most `maxSteps` things off the queue; whether there is more that it may take now. */
    take(maxSteps?: number): boolean;
}
//# sourceMappingURL=unit-gathering.d.ts.map