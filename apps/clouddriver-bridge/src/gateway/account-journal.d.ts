import { type CommitUnit, type SqlCache } from '@fairlead/sql-cache';
import { type JournalBudget } from './journal-budget.ts';
import { KindJournal, type FeedPlace, type RowChange } from './kind-journal.ts';
/** What a writer tells of its units. Calls must not throw; a unit begins when the last one has ended. */
export interface CommitJournal {
    /** A unit is about to be committed; a promise while what it will change is looked up. */
    begin(unit: NotedUnit): UnitNote | Promise<UnitNote>;
}
/** What is looked at of a unit. */
export interface NotedUnit extends Pick<CommitUnit, 'upserts' | 'checkpoints' | 'retired'> {
    readonly deletes: readonly (CommitUnit['deletes'][number] & {
        /** The version in which the object went; absent if not known. */
        readonly resourceVersion?: string;
    })[];
}
/** One unit on its way. */
export interface UnitNote {
    /** The database refused this row: it stays as it was. */
    leftOut(id: string): void;
    /** All but what was left out is in the database. */
    committed(): void;
    /** The unit is over, whatever came of it. */
    ended(): void;
}
/** All that was changed by one unit, for whoever follows all kinds. */
export interface CommittedRows {
    readonly account: string;
    readonly type: string;
    readonly changes: readonly RowChange[];
}
/** Somebody who follows all kinds of all accounts. */
export interface RowsFollower {
    /** Whether anybody wants to know at the moment. */
    readonly isFollowing: boolean;
    /** Rows of one type are committed. */
    committed(rows: CommittedRows): void;
}
/** What a journal works with. */
export interface AccountJournalDeps {
    readonly account: string;
    readonly cache: Pick<SqlCache, 'bodiesOf'>;
    readonly budget: JournalBudget;
    readonly clock: {
        nowMs(): number;
    };
    /** Makes names that no other process makes. */
    readonly newId: () => string;
    /** Where the feeds of a type are, as they are committed. */
    readonly feedsOf: (type: string) => readonly FeedPlace[];
    /** Definitions of custom resources or API services are committed. */
    readonly definitionsChanged: () => void;
    /** What a unit changes is not known; watchers of the type (`''`: of all) are sent away. */
    readonly failed: (type: string, error: unknown) => void;
    readonly follower: RowsFollower;
}
/** The journal of one account under one epoch. */
export declare class AccountJournal implements CommitJournal {
    #private;
    constructor(deps: AccountJournalDeps);
    /** Whether the account is not written here any more. */
    get isClosed(): boolean;
    /** The journal of a type, which is kept from now on. Resolves when it holds from here on. */
    open(type: string): Promise<KindJournal>;
    /** Resolves when the present unit is over: what was read until now is noted then. */
    settled(): Promise<void>;
    begin(unit: NotedUnit): UnitNote | Promise<UnitNote>;
    /** The account is not written here any more: those who wait are told. */
    close(): void;
}
//# sourceMappingURL=account-journal.d.ts.map