/**
 * Commits a unit although some row of it may be one that the database refuses: halves the unit until
 * that row stands alone, puts it aside, and lets all others through.
 */
import { type Projection } from '@fairlead/clouddriver-model';
import {
  SqlCacheError,
  type CommitResult,
  type CommitUnit,
  type DeadLetter,
  type DeadLetterChanges,
  type RowKey,
  type SqlCache,
} from '@fairlead/sql-cache';

/** What an isolating commit works with. */
export interface IsolatingCommitDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'commit'>;
  /** Ends retries. */
  readonly signal: AbortSignal;
  /** The letter about a row that is left out; it is committed in the row's place. */
  letterOf(row: Projection | RowKey, reason: string): DeadLetter;
}

const nothing: CommitResult = { inserted: 0, updated: 0, unchanged: 0, deleted: 0, retries: 0 };

const noLetters: DeadLetterChanges = { put: [], cleared: [] };

/**
 * Commits all of `unit` but the rows that are put aside. Checkpoints and the letters that the unit
 * brought go with the last part: a letter of an object's newest version comes after an older row.
 *
 * @throws SqlCacheError `fenced`, `aborted`; `rejected` when the database refuses even a unit without
 * rows, so that the fault is not in any row.
 */
export async function commitIsolating(
  unit: CommitUnit,
  deps: IsolatingCommitDeps,
): Promise<CommitResult> {
  try {
    return await deps.cache.commit(unit, { signal: deps.signal });
  } catch (error: unknown) {
    const rows = unit.upserts.length + unit.deletes.length;
    if (!isRejected(error) || rows === 0) throw error;
    const { relations, ...others } = unit;
    if (relations !== undefined) await commitRelations(unit, deps);
    return rows === 1 ? commitWithoutRow(others, error, deps) : commitHalves(others, deps);
  }
}

/**
 * Relations of no single object, before the parts: they were worked out from the objects as they
 * were, and would not be again if this process ended between two parts.
 */
async function commitRelations(unit: CommitUnit, deps: IsolatingCommitDeps): Promise<void> {
  const { account, epoch, relations } = unit;
  const nothingElse = { upserts: [], deletes: [], checkpoints: [], retired: [] };
  await deps.cache.commit(
    { account, epoch, ...nothingElse, ...(relations && { relations }) },
    { signal: deps.signal },
  );
}

/**
 * The database must take everything but the row, the letter about it included: only then the row is
 * to blame.
 */
async function commitWithoutRow(
  unit: CommitUnit,
  refusal: SqlCacheError,
  deps: IsolatingCommitDeps,
): Promise<CommitResult> {
  const [row] = [...unit.upserts, ...unit.deletes];
  const { put, cleared } = unit.deadLetters ?? noLetters;
  const letter = row === undefined ? [] : [deps.letterOf(row, refusal.message)];
  const deadLetters = { put: [...put, ...letter], cleared };
  return commitIsolating({ ...unit, upserts: [], deletes: [], deadLetters }, deps);
}

async function commitHalves(unit: CommitUnit, deps: IsolatingCommitDeps): Promise<CommitResult> {
  const { upserts, deletes } = unit;
  // Deletes first: an id stands on one side only, so the order between rows is free.
  const cutDeletes = deletes.slice(0, Math.ceil(deletes.length / 2));
  const cutUpserts = upserts.slice(0, Math.floor(upserts.length / 2));
  const halves =
    deletes.length === 1 && upserts.length === 1
      ? [
          { upserts: [], deletes },
          { upserts, deletes: [] },
        ]
      : [
          { upserts: cutUpserts, deletes: cutDeletes },
          {
            upserts: upserts.slice(cutUpserts.length),
            deletes: deletes.slice(cutDeletes.length),
          },
        ];
  let sum = nothing;
  for (const [at, half] of halves.entries()) {
    const isLast = at === halves.length - 1;
    const bound = isLast ? {} : { checkpoints: [], retired: [], deadLetters: noLetters };
    sum = add(sum, await commitIsolating({ ...unit, ...half, ...bound }, deps));
  }
  return sum;
}

function isRejected(error: unknown): error is SqlCacheError {
  return error instanceof SqlCacheError && error.code === 'rejected';
}

function add(a: CommitResult, b: CommitResult): CommitResult {
  return {
    inserted: a.inserted + b.inserted,
    updated: a.updated + b.updated,
    unchanged: a.unchanged + b.unchanged,
    deleted: a.deleted + b.deleted,
    retries: a.retries + b.retries,
  };
}
