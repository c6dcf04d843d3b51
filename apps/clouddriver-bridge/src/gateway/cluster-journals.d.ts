/** The journals of all accounts that this bridge feeds. */
import { type SqlCache, type StoredFeed } from '@fairlead/sql-cache';
import { type OpenedFeed } from '../account-feeds.ts';
import { type CommitJournal, type RowsFollower } from './account-journal.ts';
import { type FedJournal } from './cached-reads.ts';
import { type JournalLimits } from './journal-budget.ts';
/** What journals work with. */
export interface ClusterJournalsDeps {
    readonly cache: Pick<SqlCache, 'bodiesOf'>;
    readonly clock: {
        nowMs(): number;
    };
    /** Makes names that no other process makes. */
    readonly newId: () => string;
    /** Definitions of custom resources or API services of an account are committed. */
    readonly definitionsChanged: (account: string) => void;
    /** An account is not fed here any more. */
    readonly closed: (account: string) => void;
    /** What was changed is not known; readers of the type (`''`: of all) were sent away. */
    readonly failed: (account: string, type: string, error: unknown) => void;
    readonly follower: RowsFollower;
    /** @defaultValue `journalLimits` */
    readonly limits?: JournalLimits;
}
/** Where an account's feeds are. */
export interface JournalStart {
    /** What the database had when the epoch began. */
    readonly stored: readonly StoredFeed[];
    /** Feeds that are open now. */
    open(): readonly OpenedFeed[];
}
/** All of them. */
export declare class ClusterJournals {
    #private;
    constructor(deps: ClusterJournalsDeps);
    /** Bytes that are remembered. */
    get bytes(): number;
    /** The journal of an account that is fed here. */
    fed(account: string): FedJournal | undefined;
    /** An account is fed here from now on, by a new epoch. */
    open(account: string, start: JournalStart): CommitJournal;
    /** An account is not fed here any more: its watches end. */
    close(account: string): void;
    /** The bridge stops. */
    closeAll(): void;
}
//# sourceMappingURL=cluster-journals.d.ts.map