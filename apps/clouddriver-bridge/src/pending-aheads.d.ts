import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { PendingAhead, type AheadFate, type AheadObject } from './ahead-object.ts';
/** What an account knows that decides about an end. */
export interface PendingAheadsDeps {
    /** The account. */
    readonly account: string;
    /** Its feeds. */
    readonly feeds: AccountFeeds;
    /** What it has put aside. */
    readonly letters: AccountDeadLetters;
}
/** Those of one account. */
export declare class PendingAheads {
    #private;
    constructor(deps: PendingAheadsDeps);
    /** Takes one in, and settles it at once if there is no room. */
    add(found: AheadObject): PendingAhead;
    /** Whether it waits. */
    has(ahead: PendingAhead): boolean;
    /** It is in the database, unless the database has put it aside. */
    settle(ahead: PendingAhead, fate: AheadFate): void;
    /** Nothing is written any more. */
    stop(): void;
}
//# sourceMappingURL=pending-aheads.d.ts.map