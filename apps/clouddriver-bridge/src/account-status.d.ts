/** How an account stands, as the API tells it: from the registry's view and the writer's feeds. */
import { type AccountView } from '@fairlead/account-registry';
import { type OpenedFeed } from './account-feeds.ts';
/** The states of the API. */
export type AccountApiState = /** The database is being asked who may feed it. */ 'connecting' | /** Fed, but not every feed has a whole snapshot. */ 'syncing' | /** Fed and complete. */ 'synced' | /** Fed, but some feed cannot reach the cluster, or none may read it: rows are old. */ 'stale' | /** Nobody feeds it; the rows stay until its grace period is over. */ 'disconnected' | /** Nobody may feed it. */ 'rejected';
/** State and freshness of an account. */
export interface AccountStatus {
    /** State. */
    readonly state: AccountApiState;
    /** Why, for people; `''` when all is well. */
    readonly reason: string;
    /** Up to when its rows are known to be true, epoch milliseconds; 0 if never. */
    readonly asOfMs: number;
    /**
     * How far it is behind, ms: how long the oldest change waits to be committed, 0 if none does; for
     * an account that is not synced, the age of `asOfMs`. `undefined` if it never had anything.
     */
    readonly lagMs: number | undefined;
}
/** What the status is made of. */
export interface StatusFacts {
    /** The registry's view. */
    readonly view: AccountView;
    /** The writer's feeds, none if nobody feeds. */
    readonly feeds: readonly OpenedFeed[];
    /** What is stored of accounts that this bridge does not feed. */
    readonly stored: {
        /** Up to when all of it is known to be true, epoch milliseconds; 0 if nothing is stored. */
        readonly asOfMs: number;
        /** Whether every feed has a whole snapshot. */
        readonly isComplete: boolean;
        /** Whether the bridge that feeds it was seen to live. */
        readonly doesFeederLive: boolean;
    };
    /** Since when the oldest change waits to be committed, epoch milliseconds. */
    readonly oldestWaitingMs: number | undefined;
    /** Now. */
    readonly nowMs: number;
}
/** Of accounts that this bridge feeds. */
export declare const nothingStored: StatusFacts['stored'];
/** The status of one account. */
export declare function accountStatus(facts: StatusFacts): AccountStatus;
//# sourceMappingURL=account-status.d.ts.map