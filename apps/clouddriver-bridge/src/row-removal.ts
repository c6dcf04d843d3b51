/**
 * Rows that go many at a time: those that complete snapshots did not name, and those of a feed that
 * is gone for good. In pages, each a unit of its own; the last one says that it is done. The last
 * pages of several feeds share a unit.
 */
import { type RetireFeed } from '@fairlead/protocol';
import { type RowKey, type SqlCache } from '@fairlead/sql-cache';
import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { type FeedIntake } from './feed-intake.ts';
import { removeLeftBehind } from './left-behind-rows.ts';
import { type Permits } from './permits.ts';
import { sweepRows, type SweptPage } from './sweep-rows.ts';
import { type UnitBuilder } from './unit-builder.ts';

/** What rows of one account are removed with. */
export interface RowRemovalDeps {
  /** The database; waits while it refuses everything. */
  readonly cache: Pick<SqlCache, 'commit' | 'listIds' | 'countAgentRows'>;
  /** How much may be asked of the database at once. */
  readonly permits: Permits;
  /** Whose rows, and by which epoch. */
  readonly grant: { readonly account: string; readonly epoch: number };
  /** The account's feeds. */
  readonly feeds: AccountFeeds;
  /** What the account has put aside. */
  readonly letters: AccountDeadLetters;
  /** An empty unit. */
  newUnit(): UnitBuilder;
  /** Commits a unit after those before it; then the marks are called. */
  commit(unit: UnitBuilder, marks?: readonly (() => void)[]): Promise<void>;
  /** Whether nothing may be written any more. */
  isStopped(): boolean;
}

/** Feeds that the database is asked about at once, each under a permit of its own if one is free. */
const askedAtOnce = 4;

/**
 * Ends snapshots: rows that they did not name go, and the checkpoint of each moves with the last of
 * them or after it.
 */
export async function sweepFeeds(
  intakes: readonly FeedIntake[],
  deps: RowRemovalDeps,
): Promise<void> {
  const ends = new SharedUnit(deps);
  for (let from = 0; from < intakes.length;) {
    const atOnce = Math.min(askedAtOnce, intakes.length - from);
    const begun = await deps.permits.withFree(atOnce - 1, (others) =>
      Promise.all(intakes.slice(from, from + 1 + others).map((intake) => beginSweep(intake, deps))),
    );
    for (const removal of begun) await removeRows(removal, ends, deps);
    from += begun.length;
  }
  await ends.commit();
}

/** Removes a feed's rows, but for those that another feed covers, and then its checkpoint. */
export async function retireFeed(retired: RetireFeed, deps: RowRemovalDeps): Promise<void> {
  const { feeds, cache } = deps;
  const { type, agent } = feeds.rowsOf(retired);
  const rows = { type, agent, namespace: retired.namespace };
  const isKept = (id: string): boolean => feeds.isCovered(type, id);
  const last = new SharedUnit(deps);
  const pages = sweepRows({ cache, rows, isKept });
  const end = (unit: UnitBuilder): undefined => {
    unit.retire(retired);
  };
  await removeRows({ rows, isKept, pages, removed: () => undefined, end }, last, deps);
  await last.commit();
}

/** Rows of one feed that are to go. */
interface Removal {
  readonly rows: { readonly type: string; readonly agent: string; readonly namespace: string };
  readonly isKept: (id: string) => boolean;
  /** Which of them there are. */
  readonly pages: AsyncIterable<SweptPage>;
  /** So many rows go with the next unit. */
  readonly removed: (count: number) => void;
  /** What else stands in the last unit; answers what to call when that is committed. */
  readonly end: (unit: UnitBuilder) => (() => void) | undefined;
}

/** Asks for the first page. */
async function beginSweep(intake: FeedIntake, deps: RowRemovalDeps): Promise<Removal> {
  const { type, agent, feed } = intake;
  const rows = { type, agent, namespace: feed.namespace };
  const isKept = (id: string): boolean => intake.isSeen(id);
  const pages = await begun(pagesToSweep({ intake, rows, isKept }, deps));
  return {
    ...{ rows, isKept, pages },
    removed: (count) => intake.swept(count),
    end: (unit) => {
      intake.finishSnapshot(unit);
      return intake.mark();
    },
  };
}

async function* pagesToSweep(
  { intake, rows, isKept }: Pick<Removal, 'rows' | 'isKept'> & { readonly intake: FeedIntake },
  deps: RowRemovalDeps,
): AsyncGenerator<SweptPage> {
  const { cache, grant } = deps;
  await removeLeftBehind(cache, grant, rows);
  if (await holdsNamedAlone(intake, deps)) yield { deletes: [], isLast: true };
  else yield* sweepRows({ cache, rows, isKept });
}

/**
 * A page of ids tells as much of fewer rows. Of more, counting costs a database a sixth to a ninth
 * of listing.
 */
const minCounted = 1000;

/**
 * Whether a feed's rows are those alone that its snapshot has brought: each of them is committed, and
 * if there are no more, none of them is another.
 */
async function holdsNamedAlone(
  { type, agent, feed, broughtRows }: FeedIntake,
  { cache, letters }: RowRemovalDeps,
): Promise<boolean> {
  if (broughtRows === undefined || broughtRows < minCounted) return false;
  // Rows of one namespace cannot be counted by the index; rows that were refused are not there.
  if (feed.namespace !== '' || letters.hasPutAside(type)) return false;
  return (await cache.countAgentRows({ type, agent })) === broughtRows;
}

async function removeRows(
  removal: Removal,
  shared: SharedUnit,
  deps: RowRemovalDeps,
): Promise<void> {
  for await (const { deletes, isLast } of removal.pages) {
    if (deps.isStopped()) return;
    removal.removed(deletes.length);
    if (isLast) {
      await shared.add(removal, deletes);
    } else {
      const unit = deps.newUnit();
      for (const key of deletes) unit.delete(key);
      await deps.commit(unit);
    }
  }
}

/** The last pages of some removals in one unit, or in more when it is full. */
class SharedUnit {
  readonly #deps: RowRemovalDeps;
  #unit: UnitBuilder;
  #marks: (() => void)[] = [];

  constructor(deps: RowRemovalDeps) {
    this.#deps = deps;
    this.#unit = deps.newUnit();
  }

  /** Ends a removal: nothing of it is left but these rows and the letters about others. */
  async add({ rows, isKept, end }: Removal, deletes: readonly RowKey[]): Promise<void> {
    const unit = this.#unit;
    for (const key of deletes) unit.delete(key);
    for (const key of this.#deps.letters.rowsOf(rows)) if (!isKept(key.id)) unit.delete(key);
    const mark = end(unit);
    if (mark !== undefined) this.#marks.push(mark);
    if (unit.isFull) await this.commit();
  }

  /** Commits what is there. */
  async commit(): Promise<void> {
    const [unit, marks] = [this.#unit, this.#marks];
    this.#unit = this.#deps.newUnit();
    this.#marks = [];
    if (!this.#deps.isStopped()) await this.#deps.commit(unit, marks);
  }
}

/** The same items, the first of which is there already. */
async function begun<T>(items: AsyncGenerator<T>): Promise<AsyncIterable<T>> {
  const first = await items.next();
  return (async function* () {
    if (first.done === true) return;
    yield first.value;
    yield* items;
  })();
}
