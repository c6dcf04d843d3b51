/**
 * How many bytes each account's agent may send before the database has taken what came. Of each
 * account: balance (what the agent may still send) + held (what came and is not committed) never
 * passes its share, but for one batch: an agent may send while its balance is above zero.
 */
/** Sizes in bytes before compression. */
export interface CreditLimits {
    /** All accounts together. */
    readonly totalBytes: number;
    /** Most that one account gets. */
    readonly perAccountBytes: number;
    /** Least that one account gets, however many there are. */
    readonly leastBytes: number;
}
/** Keeps the balances of all accounts that are fed. */
export declare class CreditLedger {
    #private;
    constructor(limits: CreditLimits);
    /** Bytes that came and are not committed, of all accounts. */
    get heldBytes(): number;
    /** The most that all accounts together may hold. */
    get limitBytes(): number;
    /** Begins anew for an account; answers its first balance. */
    open(account: string): number;
    /** A batch begins to arrive. `false`: the agent had no balance left, so it breaks the contract. */
    charge(account: string, bytes: number): boolean;
    /**
     * Bytes are committed; answers what to give back to the agent. That is less when more accounts
     * have come meanwhile, and more when some have gone.
     */
    settle(account: string, bytes: number): number;
    /** The account is fed no longer. */
    close(account: string): void;
}
//# sourceMappingURL=credit-ledger.d.ts.map