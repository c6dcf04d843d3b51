/** A commit of one unit with the journal told of its beginning and its end. */
import { type CommitJournal, type NotedUnit } from './account-journal.ts';
/**
 * Commits `unit` by `commit`, which is given what to tell of rows that are left out. Waits for nothing
 * beside it unless somebody reads what the unit changes.
 */
export declare function withNote<T>(journal: CommitJournal | undefined, unit: NotedUnit, commit: (leftOut: (id: string) => void) => Promise<T>): Promise<T>;
//# sourceMappingURL=with-note.d.ts.map