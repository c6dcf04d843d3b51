/** Writes units: one transaction each, by itself or behind the one before it. */
import type { CommitUnit } from './sql-cache.ts';
import type { AccountWork, Dialect } from './dialect.ts';
import type { ResolvedSqlCacheOptions } from './sql-cache-options.ts';
import type { TypeTables } from './type-tables.ts';
import { CommitChains, type ChainedCommit } from './commit-chain.ts';
import { CommitCounts } from './commit-counts.ts';
import { distrustRows } from './distrust-rows.ts';
import { finishUnit, isCounted } from './finish-unit.ts';
import { prepareUnit, type PreparedUnit } from './prepare-unit.ts';
import { requireEpoch } from './sql-account-store.ts';
import { RowsStored } from './rows-stored.ts';
import { writeUnit, type RowCounts } from './commit-unit.ts';

/** What transactions need. */
export interface UnitTransactionsDeps extends Pick<ResolvedSqlCacheOptions, 'clock' | 'observer'> {
  readonly dialect: Dialect;
  readonly types: TypeTables;
}

interface WrittenUnit {
  readonly unit: CommitUnit;
  readonly prepared: PreparedUnit;
  /** What the account's row must count; only for a unit behind another. */
  readonly commits?: number;
}

/** The transactions of all accounts. */
export class UnitTransactions {
  readonly #deps: UnitTransactionsDeps;
  readonly #chains = new CommitChains();
  readonly #counts = new CommitCounts();

  constructor(deps: UnitTransactionsDeps) {
    this.#deps = deps;
  }

  /** An account goes. */
  forget(account: string): void {
    this.#counts.forget(account);
  }

  /** Writes a unit, once. */
  async write(unit: CommitUnit, prepared: PreparedUnit): Promise<RowCounts> {
    await this.#deps.types.ensure(prepared.writtenTypes, prepared.pointedToTypes);
    try {
      return await this.#transact({ unit, prepared });
    } catch (error: unknown) {
      if (!(error instanceof RowsStored)) throw error;
      return this.#transact({ unit, prepared: { ...prepared, isNew: false } });
    }
  }

  /** Whether a unit can be written behind the one of its account that is being written, if there is one. */
  mayFollow(unit: CommitUnit): boolean {
    const isChained = this.#chains.last(unit.account) !== undefined;
    return isChained && this.#deps.dialect.isChainable && isRowsAlone(unit);
  }

  /** Writes a unit behind that one; `undefined` if it has come to nothing. */
  async writeBehind(unit: CommitUnit): Promise<RowCounts | undefined> {
    const { types, dialect } = this.#deps;
    return this.#chains.last(unit.account)?.follow((commits) => {
      const prepared = prepareUnit(unit, dialect.names.limits);
      const isReady = types.haveAll(prepared.writtenTypes, prepared.pointedToTypes);
      return isReady ? this.#transact({ unit, prepared, commits }) : Promise.resolve(undefined);
    });
  }

  #transact(written: WrittenUnit): Promise<RowCounts> {
    return this.#chains.run(written.unit.account, async (commit) => {
      let counts: RowCounts | undefined;
      const wrote = (rows: RowCounts): void => void (counts = rows);
      try {
        return await this.#transactChained(written, { commit, wrote });
      } catch (error: unknown) {
        // A connection can break after the commit and before its answer.
        if ((await commit.isSeenCommitted()) && counts !== undefined) return counts;
        throw error;
      }
    });
  }

  async #transactChained(
    { unit, prepared, commits }: WrittenUnit,
    told: { readonly commit: ChainedCommit; readonly wrote: (rows: RowCounts) => void },
  ): Promise<RowCounts> {
    const { dialect, types, clock, observer } = this.#deps;
    const { account, epoch } = unit;
    const nowMs = clock.nowMs();
    let fencedAtMs = nowMs;
    const work: AccountWork<{ readonly rows: RowCounts; readonly commits: number }> = async (
      session,
      locked,
    ) => {
      const fenced = locked.then((found) => {
        fencedAtMs = clock.nowMs();
        const row = requireEpoch(found, { name: account, epoch });
        this.#counts.check(account, row);
        if (commits !== undefined && row.commits !== commits) throw new Error('not behind it');
        told.commit.counts(isCounted(unit, session) ? row.commits + 1 : undefined);
        return row.commits;
      });
      fenced.catch(ofFence);
      if (unit.distrusted !== undefined) {
        await fenced;
        await distrustRows(dialect, session, unit.distrusted);
      }
      const rows = await writeUnit(prepared, {
        ...{ session, fence: () => fenced, names: dialect.names, nowMs },
        hasTable: (type) => types.has(type, session),
        onLeftOut: (count) => observer.relationsLeftOut?.({ count }),
      });
      const more = await finishUnit(unit, { dialect, session, nowMs });
      told.wrote(rows);
      return { rows, commits: (await fenced) + more };
    };
    // Changes wait for what is stored anyway, and a plain lock costs less.
    const guard = prepared.isNew ? { epoch, commits } : undefined;
    const done = await dialect.accountTransaction(account, work, guard);
    this.#counts.expect(account, { epoch, commits: done.commits });
    if (commits !== undefined) {
      observer.timed?.({ statement: 'commit', elapsedMs: clock.nowMs() - fencedAtMs });
    }
    return done.rows;
  }
}

/** New rows and nothing that has an order. */
function isRowsAlone(unit: CommitUnit): boolean {
  const { isNew, deletes, checkpoints, retired, relations, deadLetters, distrusted } = unit;
  if (isNew !== true || deletes.length + checkpoints.length + retired.length > 0) return false;
  return relations === undefined && deadLetters === undefined && distrusted === undefined;
}

/** Whoever needs the fence awaits it. */
function ofFence(): void {
  return undefined;
}
