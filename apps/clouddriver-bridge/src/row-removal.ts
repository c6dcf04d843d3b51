/**
 * Rows that go many at a time: those that a complete snapshot did not name, and those of a feed that
 * is gone for good. In pages, each a unit of its own; the last one says that it is done.
 */
import { type RetireFeed } from '@fairlead/protocol';
import { type SqlCache } from '@fairlead/sql-cache';
import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { type FeedIntake } from './feed-intake.ts';
import { removeLeftBehind } from './left-behind-rows.ts';
import { sweepRows } from './sweep-rows.ts';
import { type UnitBuilder } from './unit-builder.ts';

/** What rows of one account are removed with. */
export interface RowRemovalDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'commit' | 'listIds'>;
  /** Whose rows, and by which epoch. */
  readonly grant: { readonly account: string; readonly epoch: number };
  /** The account's feeds. */
  readonly feeds: AccountFeeds;
  /** What the account has put aside. */
  readonly letters: AccountDeadLetters;
  /** An empty unit. */
  newUnit(): UnitBuilder;
  /** Commits a unit after those before it. */
  commit(unit: UnitBuilder): Promise<void>;
  /** Whether nothing may be written any more. */
  isStopped(): boolean;
}

/** Ends a snapshot: rows that it did not name go, and the checkpoint moves with the last of them. */
export async function sweepFeed(intake: FeedIntake, deps: RowRemovalDeps): Promise<void> {
  const { type, agent, feed } = intake;
  const { namespace } = feed;
  await removeLeftBehind(deps.cache, deps.grant, { type, namespace });
  const rows = { type, agent, namespace };
  const isKept = (id: string): boolean => intake.isSeen(id);
  await removeRows({ rows, isKept }, deps, {
    removed: (count) => intake.swept(count),
    end: (unit) => intake.finishSnapshot(unit),
  });
}

/** Removes a feed's rows, but for those that another feed covers, and then its checkpoint. */
export async function retireFeed(retired: RetireFeed, deps: RowRemovalDeps): Promise<void> {
  const { feeds } = deps;
  const { type, agent } = feeds.rowsOf(retired);
  const rows = { type, agent, namespace: retired.namespace };
  const isKept = (id: string): boolean => feeds.isCovered(type, id);
  await removeRows({ rows, isKept }, deps, {
    removed: () => undefined,
    end: (unit) => unit.retire(retired),
  });
}

interface Removal {
  readonly rows: { readonly type: string; readonly agent: string; readonly namespace: string };
  readonly isKept: (id: string) => boolean;
}

async function removeRows(
  { rows, isKept }: Removal,
  deps: RowRemovalDeps,
  tell: {
    /** So many rows go with the next unit. */
    readonly removed: (count: number) => void;
    /** What else stands in the last unit. */
    readonly end: (unit: UnitBuilder) => void;
  },
): Promise<void> {
  for await (const { deletes, isLast } of sweepRows({ cache: deps.cache, rows, isKept })) {
    if (deps.isStopped()) return;
    const unit = deps.newUnit();
    for (const key of deletes) unit.delete(key);
    tell.removed(deletes.length);
    if (isLast) {
      for (const key of deps.letters.rowsOf(rows)) if (!isKept(key.id)) unit.delete(key);
      tell.end(unit);
    }
    await deps.commit(unit);
  }
}
