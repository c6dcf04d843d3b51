/**
 * How many objects each account has stored. Counting is a query over all of an account's tables, so
 * it is done seldom, and the commits in between are added up.
 */
/** Asks the database. */
export type CountRows = (account: string) => Promise<ReadonlyMap<string, number>>;
/** Rows per account. */
export declare class RowCounts {
    #private;
    constructor(countRows: CountRows, clock: {
        nowMs(): number;
    });
    /** A commit has changed the number. */
    add(account: string, rows: number): void;
    /** The account is no more. */
    forget(account: string): void;
    /**
     * The number as it was counted last, with what was committed since; may be off for half a minute by
     * what was committed while that count ran. Never waits: has it counted if nobody knows it.
     */
    known(account: string): number | undefined;
    /**
     * The number now, good to what is committed while two counts run one after the other; rejects when
     * the database does not answer.
     */
    total(account: string): Promise<number>;
}
//# sourceMappingURL=row-counts.d.ts.map