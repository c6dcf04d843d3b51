/** How much one agent may have on its link, and what it is called when it wants more. */
/** How much one link may have. */
export interface LinkLimits {
    /** Accounts that are offered at a time. */
    readonly accountsPerLink: number;
    /** Feeds that are open at a time. */
    readonly feedsPerLink: number;
}
/** What an agent did that ended its link; for metrics. */
export type LinkViolation = 'tooManyAccounts' | 'tooManyFeeds' | 'protocol';
/** An agent has more than it may. */
export declare class TooMany extends Error {
    readonly name = "TooMany";
    /** Of what. */
    readonly violation: LinkViolation;
    constructor(violation: LinkViolation, message: string);
}
//# sourceMappingURL=link-limits.d.ts.map