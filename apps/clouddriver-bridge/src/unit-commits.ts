/**
 * The units of one account on their way into the database, in order: rows that the database refuses
 * are put aside, and a unit of new rows is sent behind the one before it where that can be.
 */
import { type Projection } from '@fairlead/clouddriver-model';
import {
  SqlCacheError,
  type CommitResult,
  type DeadLetter,
  type RowKey,
  type SqlCache,
} from '@fairlead/sql-cache';
import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { AccountSelections } from './account-selections.ts';
import { type AccountWriterDeps, type WriterGrant } from './account-writer.ts';
import { type UnitNote } from './gateway/account-journal.ts';
import { withNote } from './gateway/with-note.ts';
import { commitIsolating } from './isolating-commit.ts';
import { type BuiltUnit, type UnitBuilder } from './unit-builder.ts';

/** What goes with a unit. */
export interface UnitFacts {
  /** Others wait behind it. */
  readonly isFollowed: boolean;
  readonly deltas: number;
  readonly outdated: number;
  readonly readAtMs: readonly number[];
  /** What to say to the feeds when it is committed. */
  readonly marks: readonly (() => void)[];
}

/** A unit that was sent behind the one before it. */
export interface SentUnit {
  readonly rows: BuiltUnit;
  readonly note: UnitNote | undefined;
  /** `undefined` if it has come to nothing. */
  readonly result: Promise<CommitResult | undefined>;
}

/** What units are committed with. */
export interface UnitCommitsDeps extends Pick<
  AccountWriterDeps,
  'cache' | 'permits' | 'clock' | 'outlet' | 'journal'
> {
  readonly grant: Pick<WriterGrant, 'account' | 'epoch'>;
  readonly feeds: AccountFeeds;
  readonly letters: AccountDeadLetters;
  /** Ends retries. */
  readonly signal: AbortSignal;
}

/** Pause before a unit is tried again that the database refuses for no row's sake, ms. */
const refusedPauseMs = 5000;

/** Commits the units of one account. */
export class UnitCommits {
  readonly #deps: UnitCommitsDeps;
  readonly #selections: AccountSelections;

  constructor(deps: UnitCommitsDeps) {
    this.#deps = deps;
    this.#selections = new AccountSelections(deps.cache, deps.grant.account);
  }

  /** Commits a unit when the one before is in the database; again, if it was sent in vain. */
  async commit(unit: UnitBuilder, facts: UnitFacts, sent?: SentUnit): Promise<void> {
    if (unit.isEmpty) return;
    const { outlet, feeds } = this.#deps;
    const { deltas, outdated, readAtMs, isFollowed } = facts;
    const rows = sent?.rows ?? unit.build({ ...this.#deps.grant, isFollowed });
    const result = await this.#commitRows(rows, facts.marks, sent);
    if (rows.isNew === true && result.inserted < rows.upserts.length) feeds.expectStored();
    outlet.committed({ result, deltas, outdated, readAtMs });
  }

  /**
   * Sends a unit behind the one that is being committed; `undefined` if what that one leaves behind
   * decides anything about it, or if every permit is in use.
   */
  send(unit: UnitBuilder, isFollowed: boolean): SentUnit | undefined {
    const { cache, permits, letters, journal, grant } = this.#deps;
    const rows = unit.build({ ...grant, isFollowed });
    if (rows.isNew !== true || rows.deadLetters !== undefined || !letters.isEmpty) return undefined;
    if (this.#selections.isTouchedBy(rows)) return undefined;
    const note = journal?.beginBehind(rows);
    if (journal !== undefined && note === undefined) return undefined;
    const result = permits.withFree(1, async (count) =>
      count === 0 ? undefined : cache.commitBehind(rows),
    );
    return { rows, note, result };
  }

  /** Waits until a unit that was sent is not on its way any more, when nobody will commit it. */
  async forget({ note, result }: SentUnit): Promise<void> {
    await result;
    note?.ended();
  }

  /** The same cache, that is asked again as long as it refuses everything. */
  get patient(): Pick<SqlCache, 'commit' | 'listIds' | 'countAgentRows'> {
    const { cache } = this.#deps;
    return {
      commit: (unit, options) => this.#untilTaken(() => cache.commit(unit, options)),
      listIds: (query) => this.#untilTaken(() => cache.listIds(query)),
      countAgentRows: (rows) => this.#untilTaken(() => cache.countAgentRows(rows)),
    };
  }

  async #commitRows(
    rows: BuiltUnit,
    marks: UnitFacts['marks'],
    sent: SentUnit | undefined,
  ): Promise<CommitResult> {
    const { feeds, letters, journal, signal } = this.#deps;
    const built = await this.#untilTaken(() => this.#selections.complete(rows));
    const note = sent === undefined ? journal?.begin(rows) : sent.note;
    return withNote(note, async (leftOut) => {
      const letterOf = (row: Projection | RowKey, reason: string): DeadLetter => {
        leftOut(row.id);
        return feeds.letterOf(row, reason);
      };
      const deps = { cache: letters, signal, letterOf };
      const result =
        (await sent?.result) ?? (await this.#untilTaken(() => commitIsolating(built, deps)));
      for (const markCommitted of marks) markCommitted();
      return result;
    });
  }

  /** Tries again what the database refuses for no row's sake: somebody must mend the database. */
  async #untilTaken<T>(work: () => Promise<T>): Promise<T> {
    const { clock, outlet, signal } = this.#deps;
    for (;;) {
      try {
        return await work();
      } catch (error: unknown) {
        if (!(error instanceof SqlCacheError) || error.code !== 'rejected') throw error;
        outlet.databaseRefuses(error.message);
      }
      await clock.sleep(refusedPauseMs, signal);
    }
  }
}
