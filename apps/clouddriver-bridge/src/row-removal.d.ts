/**
 * Rows that go many at a time: those that a complete snapshot did not name, and those of a feed that
 * is gone for good. In pages, each a unit of its own; the last one says that it is done.
 */
import { type RetireFeed } from '@fairlead/protocol';
import { type SqlCache } from '@fairlead/sql-cache';
import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { type FeedIntake } from './feed-intake.ts';
import { type UnitBuilder } from './unit-builder.ts';
/** What rows of one account are removed with. */
export interface RowRemovalDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'commit' | 'listIds'>;
    /** Whose rows, and by which epoch. */
    readonly grant: {
        readonly account: string;
        readonly epoch: number;
    };
    /** The account's feeds. */
    readonly feeds: AccountFeeds;
    /** What the account has put aside. */
    readonly letters: AccountDeadLetters;
    /** An empty unit. */
    newUnit(): UnitBuilder;
    /** Commits a unit after those before it. */
    commit(unit: UnitBuilder): Promise<void>;
    /** Whether nothing may be written any more. */
    isStopped(): boolean;
}
/** Ends a snapshot: rows that it did not name go, and the checkpoint moves with the last of them. */
export declare function sweepFeed(intake: FeedIntake, deps: RowRemovalDeps): Promise<void>;
/** Removes a feed's rows, but for those that another feed covers, and then its checkpoint. */
export declare function retireFeed(retired: RetireFeed, deps: RowRemovalDeps): Promise<void>;
//# sourceMappingURL=row-removal.d.ts.map