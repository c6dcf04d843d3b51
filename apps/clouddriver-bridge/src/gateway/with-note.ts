/** A commit of one unit with the journal told of its beginning and its end. */
import { type CommitJournal, type NotedUnit } from './account-journal.ts';

/**
 * Commits `unit` by `commit`, which is given what to tell of rows that are left out. Waits for nothing
 * beside it unless somebody reads what the unit changes.
 */
export async function withNote<T>(
  journal: CommitJournal | undefined,
  unit: NotedUnit,
  commit: (leftOut: (id: string) => void) => Promise<T>,
): Promise<T> {
  const noting = journal?.begin(unit);
  const note = noting instanceof Promise ? await noting : noting;
  try {
    const result = await commit((id) => note?.leftOut(id));
    note?.committed();
    return result;
  } finally {
    note?.ended();
  }
}
