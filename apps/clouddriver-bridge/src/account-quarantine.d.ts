/**
 * Accounts whose data could not be worked with (a batch that is none, a bug of ours): each is taken
 * from its link alone, so that its neighbours go on, and offered anew after a pause that grows.
 */
/** What a quarantine works with. */
export interface AccountQuarantineDeps {
    /** Time. */
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Whoever is set apart for so long counts as gone: no pause is longer than half of it. */
    readonly gracePeriodMs: number;
}
/** First pause: what was garbled on its way comes again whole. */
export declare const firstPauseMs = 5000;
/** Longest pause: somebody has to mend the agent, or us, and will look whether it helped. */
export declare const longestPauseMs = 300000;
/** The accounts of all links that have failed. */
export declare class AccountQuarantine {
    #private;
    constructor(deps: AccountQuarantineDeps);
    /**
     * Counts a failure; calls `release` after the pause, unless the account or its link goes before.
     * @returns the pause, ms
     */
    add(linkId: string, account: string, release: () => void): number;
    /** The account was taken back by its agent, or offered anew by it. */
    forget(linkId: string, account: string): void;
    /** The link is gone, with all its accounts. */
    forgetLink(linkId: string): void;
}
//# sourceMappingURL=account-quarantine.d.ts.map