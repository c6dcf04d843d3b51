/**
 * Commits a unit although some row of it may be one that the database refuses: halves the unit until
 * that row stands alone, puts it aside, and lets all others through.
 */
import { type Projection } from '@fairlead/clouddriver-model';
import { type CommitResult, type CommitUnit, type DeadLetter, type RowKey, type SqlCache } from '@fairlead/sql-cache';
/** What an isolating commit works with. */
export interface IsolatingCommitDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'commit'>;
    /** Ends retries. */
    readonly signal: AbortSignal;
    /** The letter about a row that is left out; it is committed in the row's place. */
    letterOf(row: Projection | RowKey, reason: string): DeadLetter;
}
/**
 * Commits all of `unit` but the rows that are put aside. Checkpoints and the letters that the unit
 * brought go with the last part: a letter of an object's newest version comes after an older row.
 *
 * @throws SqlCacheError `fenced`, `aborted`; `rejected` when the database refuses even a unit without
 * rows, so that the fault is not in any row.
 */
export declare function commitIsolating(unit: CommitUnit, deps: IsolatingCommitDeps): Promise<CommitResult>;
//# sourceMappingURL=isolating-commit.d.ts.map