/**
 * Writes what stands in a unit beside its rows, and decides whether its commit waits for the disk.
 *
 * A unit that moves no checkpoint is a piece of a snapshot: the agent would have to list again after
 * a crash anyway. One that others wait behind is a piece of as much. The commit that moves the
 * checkpoint in the end, or the last of them, takes all before it to the disk.
 */
import type { CommitUnit } from './sql-cache.ts';
import type { Dialect, WriteSession } from './dialect.ts';
import { checkpointRows, deleteFeeds } from './feed-rows.ts';
import { writeDeadLetters } from './dead-letter-rows.ts';

/** What finishing needs. */
export interface FinishDeps {
  readonly dialect: Dialect;
  readonly session: WriteSession;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** Answers by how much the account's row counts more commits with this one: 1 if it will not wait. */
export async function finishUnit(unit: CommitUnit, deps: FinishDeps): Promise<0 | 1> {
  const { dialect, session, nowMs } = deps;
  const { account, checkpoints, retired, deadLetters } = unit;
  void session.upsertCheckpoints(checkpointRows({ account, checkpoints, nowMs }));
  if (retired.length > 0 || deadLetters !== undefined) {
    await session.settled();
    await deleteFeeds(dialect, session, { account, feeds: retired });
    const changes = deadLetters ?? { put: [], cleared: [] };
    await writeDeadLetters(dialect, session, { account, changes, nowMs });
    return 0;
  }
  if (!isCounted(unit, session)) return 0;
  void session.commitUnflushed?.(account);
  return 1;
}

/** Whether a unit's commit does not wait for the disk, and so is counted. */
export function isCounted(unit: CommitUnit, session: WriteSession): boolean {
  const { checkpoints, retired, deadLetters, isFollowed } = unit;
  if (session.commitUnflushed === undefined) return false;
  if (retired.length > 0 || deadLetters !== undefined) return false;
  return checkpoints.length === 0 || isFollowed === true;
}
