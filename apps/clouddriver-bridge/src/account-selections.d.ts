import { type CommitUnit, type SqlCache } from '@fairlead/sql-cache';
/** The selections of one account. */
export declare class AccountSelections {
    #private;
    constructor(cache: Pick<SqlCache, 'listBodies'>, account: string);
    /**
     * The unit with the relations that follow from its objects. To be called once for each unit, in
     * the order of their commits, when the one before is in the database.
     */
    complete(unit: CommitUnit): Promise<CommitUnit>;
}
//# sourceMappingURL=account-selections.d.ts.map