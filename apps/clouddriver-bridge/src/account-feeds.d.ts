/** The feeds of one account under one epoch: which are open, what each is doing, what each covers. */
import { type Projection, type ProjectionContext } from '@fairlead/clouddriver-model';
import { type FeedStatus, type OpenFeed, type RetireFeed } from '@fairlead/protocol';
import { type DeadLetter, type RowKey, type StoredFeed } from '@fairlead/sql-cache';
import { FeedIntake } from './feed-intake.ts';
/** What a feed is doing, in the words of the API. */
export type FeedCondition = 'discovering' | 'listing' | 'watching' | 'expired' | 'lost' | 'forbidden' | 'retired' | /** Another feed of the account writes the same rows; this one is not stored. */ 'shadowed';
/** An open feed. */
export interface OpenedFeed {
    /** What its deltas mean. */
    readonly intake: FeedIntake;
    /** The feed that writes the same rows, if there is one: then nothing of this one is stored. */
    readonly shadowedBy: string | undefined;
    /** As the agent says. */
    readonly condition: FeedCondition;
    /** Why; `''` when all is well. */
    readonly reason: string;
    /** Since when, epoch milliseconds by the agent's clock. */
    readonly sinceMs: number;
}
/** The feeds of one account. */
export declare class AccountFeeds {
    #private;
    constructor(context: ProjectionContext, stored: readonly StoredFeed[], clock: {
        nowMs(): number;
    });
    /** All open feeds. */
    all(): readonly OpenedFeed[];
    /** One feed, also one that was closed after its batches came. */
    get(feedId: number): OpenedFeed | undefined;
    /** Feeds of one lane follow each other over the same rows: their batches keep their order. */
    laneOf(feedId: number): string;
    /** Nothing more comes of any feed. */
    close(): void;
    /** No batch waits any more. */
    forgetClosed(): void;
    /**
     * Opens a feed. One of the same name is replaced (its version may have changed). Answers what it
     * is shadowed by: two API groups may serve the same kind of Clouddriver's, and two feeds that
     * sweep the same rows would delete each other's.
     */
    open(feed: OpenFeed): OpenedFeed;
    /** Takes what the agent says of a feed. */
    setStatus(status: FeedStatus): void;
    /** Closes a feed that is gone for good; batches of it that came before are still its own. */
    closeRetired(retired: RetireFeed): void;
    /** Which rows a feed of that name has had. */
    rowsOf({ group, kind }: RetireFeed): {
        readonly type: string;
        readonly agent: string;
    };
    /** The feed that brings objects of a type in a namespace (`''`: cluster-scoped), if one is open. */
    ofRow(row: {
        readonly type: string;
        readonly namespace: string;
    }): FeedIntake | undefined;
    /** The feed that brings objects of a resource type in a namespace, if one is open and stored. */
    ofResource(of: {
        readonly group: string;
        readonly resource: string;
        readonly namespace: string;
    }): FeedIntake | undefined;
    /** The letter about a row that the database refuses. */
    letterOf(row: Projection | RowKey, message: string): DeadLetter;
    /** Whether a row of `type` belongs to an open feed. */
    isCovered(type: string, id: string): boolean;
}
//# sourceMappingURL=account-feeds.d.ts.map