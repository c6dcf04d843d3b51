/**
 * What one account has put aside, under one epoch: knows which rows have a letter, so that a unit
 * clears the letters of the rows that it writes, and no more letters are kept than there is room for.
 * As long as nothing is put aside it costs nothing.
 */
import { type CommitOptions, type CommitResult, type CommitUnit, type DeadLetter, type RowKey, type SqlCache } from '@fairlead/sql-cache';
/**
 * Letters of one account. Somebody has to look at each of them; whoever has a thousand has one
 * trouble, not a thousand. Each may hold an object.
 */
export declare const maxLettersPerAccount = 1000;
/** A letter as the writer remembers it. */
export type KnownLetter = Pick<DeadLetter, 'id' | 'type' | 'rowId' | 'namespace' | 'resourceVersion' | 'reason' | 'message'>;
/** What became of something that is put aside. */
export type LetterFate = /** It stands in SQL. */ 'kept' | /** The account has as many as there is room for; log and metric alone know of it. */ 'notKept';
/** What the letters are kept with. */
export interface AccountDeadLettersDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'commit'>;
    /** Told of each letter when it is in the database, or is not to be. */
    readonly putAside: (letter: DeadLetter, fate: LetterFate) => void;
    /** @defaultValue `maxLettersPerAccount` */
    readonly maxLetters?: number | undefined;
}
/** The letters of one account. */
export declare class AccountDeadLetters {
    #private;
    constructor(deps: AccountDeadLettersDeps, stored: readonly KnownLetter[]);
    /** One of them. */
    get(id: string): KnownLetter | undefined;
    /** Rows that have a letter, of one type and agent in a namespace; `''` is all of them. */
    rowsOf(rows: {
        readonly type: string;
        readonly agent: string;
        readonly namespace: string;
    }): readonly RowKey[];
    /** Commits a unit with what it means for the letters; they change with it or not at all. */
    commit(unit: CommitUnit, options?: CommitOptions): Promise<CommitResult>;
}
//# sourceMappingURL=account-dead-letters.d.ts.map