/** A commit of one unit with the journal told of its beginning and its end. */
import { type UnitNote } from './account-journal.ts';

/**
 * Commits by `commit`, which is given what to tell of rows that are left out. Waits for nothing beside
 * it unless somebody reads what the unit changes.
 */
export async function withNote<T>(
  noting: UnitNote | Promise<UnitNote> | undefined,
  commit: (leftOut: (id: string) => void) => Promise<T>,
): Promise<T> {
  const note = noting instanceof Promise ? await noting : noting;
  try {
    const result = await commit((id) => note?.leftOut(id));
    note?.committed();
    return result;
  } finally {
    note?.ended();
  }
}
