/** Writes units: one transaction each, by itself or beside the one before it. */
import type { CommitUnit } from './sql-cache.ts';
import type { Dialect, LockedAccount } from './dialect.ts';
import type { ResolvedSqlCacheOptions } from './sql-cache-options.ts';
import type { TypeTables } from './type-tables.ts';
import { CommitChains, type ChainedCommit } from './commit-chain.ts';
import { CommitCounts } from './commit-counts.ts';
import { distrustRows } from './distrust-rows.ts';
import { finishUnit, isCounted } from './finish-unit.ts';
import { prepareUnit, type PreparedUnit } from './prepare-unit.ts';
import { requireEpoch } from './sql-account-store.ts';
import { RowsStored } from './rows-stored.ts';
import { writeBeside, writeUnit, type RowCounts, type WriteDeps } from './commit-unit.ts';

/** What transactions need. */
export interface UnitTransactionsDeps extends Pick<ResolvedSqlCacheOptions, 'clock' | 'observer'> {
  readonly dialect: Dialect;
  readonly types: TypeTables;
}

interface PreparedWork {
  readonly unit: CommitUnit;
  readonly prepared: PreparedUnit;
}

/** One transaction on its way. */
interface Writing extends PreparedWork {
  readonly commit: ChainedCommit;
  /** Told when all has been written but for the commit. */
  readonly wrote: (rows: RowCounts) => void;
}

/** What a transaction wrote, and what the account's row counts with it. */
interface Written {
  readonly rows: RowCounts;
  readonly commits: number;
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
      return await this.#chained({ unit, prepared }, (writing) => this.#alone(writing));
    } catch (error: unknown) {
      if (!(error instanceof RowsStored)) throw error;
      const looking = { unit, prepared: { ...prepared, isNew: false } };
      return this.#chained(looking, (writing) => this.#alone(writing));
    }
  }

  /** Whether a unit can be written beside the one of its account that is being written, if there is one. */
  mayFollow(unit: CommitUnit): boolean {
    const isChained = this.#chains.last(unit.account) !== undefined;
    return isChained && this.#deps.dialect.isChainable && isRowsAlone(unit);
  }

  /** Writes a unit beside that one, to be committed behind it; `undefined` if it has come to nothing. */
  async writeBehind(unit: CommitUnit): Promise<RowCounts | undefined> {
    const { types, dialect } = this.#deps;
    return this.#chains.last(unit.account)?.follow(async (counted) => {
      const prepared = prepareUnit(unit, dialect.names.limits);
      const isReady = types.haveAll(prepared.writtenTypes, prepared.pointedToTypes);
      if (!isReady) return undefined;
      return this.#chained({ unit, prepared }, (writing) => this.#behind(writing, counted));
    });
  }

  /** A transaction that others may go behind. */
  #chained(
    work: PreparedWork,
    transact: (writing: Writing) => Promise<Written>,
  ): Promise<RowCounts> {
    const { account, epoch } = work.unit;
    return this.#chains.run(account, async (commit) => {
      let rows: RowCounts | undefined;
      const wrote = (counts: RowCounts): void => void (rows = counts);
      try {
        const written = await transact({ ...work, commit, wrote });
        this.#counts.expect(account, { epoch, commits: written.commits });
        return written.rows;
      } catch (error: unknown) {
        // A connection can break after the commit and before its answer.
        if ((await commit.isSeenCommitted()) && rows !== undefined) return rows;
        throw error;
      }
    });
  }

  /** Under the lock of the account's row from the beginning to the end. */
  #alone(writing: Writing): Promise<Written> {
    const { dialect, clock } = this.#deps;
    const { unit, prepared, commit, wrote } = writing;
    const nowMs = clock.nowMs();
    return dialect.accountTransaction(unit.account, async (session, locked) => {
      const fenced = locked.then((found) => {
        const row = this.#require(found, unit);
        commit.counts(isCounted(unit, session) ? row.commits + 1 : undefined);
        return row.commits;
      });
      fenced.catch(ofFence);
      if (unit.distrusted !== undefined) {
        await fenced;
        await distrustRows(dialect, session, unit.distrusted);
      }
      const rows = await writeUnit(
        prepared,
        this.#writeDeps({ session, fence: () => fenced, nowMs }),
      );
      const more = await finishUnit(unit, { dialect, session, nowMs });
      wrote(rows);
      return { rows, commits: (await fenced) + more };
    });
  }

  /** Locks the account's row when the one before holds it: committed behind it, or not at all. */
  async #behind(writing: Writing, before: Promise<number | undefined>): Promise<Written> {
    const { dialect, clock, observer } = this.#deps;
    const { unit, prepared, commit, wrote } = writing;
    const nowMs = clock.nowMs();
    const written = await dialect.transaction(async (session) => {
      let commits = 0;
      const fence = async (): Promise<void> => {
        const expected = await before;
        if (expected === undefined) throw notBehind();
        const row = this.#require(await session.lockAccount(unit.account), unit);
        if (row.commits !== expected) throw notBehind();
        commits = expected + 1;
        commit.counts(commits);
      };
      const rows = await writeBeside(prepared, this.#writeDeps({ session, fence, nowMs }));
      await finishUnit(unit, { dialect, session, nowMs });
      wrote(rows);
      return { rows, commits };
    });
    observer.timed?.({ statement: 'commit', elapsedMs: clock.nowMs() - nowMs });
    return written;
  }

  #require(found: LockedAccount | undefined, { account, epoch }: CommitUnit): LockedAccount {
    const row = requireEpoch(found, { name: account, epoch });
    this.#counts.check(account, row);
    return row;
  }

  #writeDeps(of: Pick<WriteDeps, 'session' | 'fence' | 'nowMs'>): WriteDeps {
    const { dialect, types, observer } = this.#deps;
    return {
      ...of,
      names: dialect.names,
      hasTable: (type) => types.has(type, of.session),
      onLeftOut: (count) => observer.relationsLeftOut?.({ count }),
    };
  }
}

/** New rows and nothing that has an order. */
function isRowsAlone(unit: CommitUnit): boolean {
  const { isNew, deletes, checkpoints, retired, relations, deadLetters, distrusted } = unit;
  if (isNew !== true || deletes.length + checkpoints.length + retired.length > 0) return false;
  return relations === undefined && deadLetters === undefined && distrusted === undefined;
}

function notBehind(): Error {
  return new Error('the unit before is not committed');
}

/** Whoever needs the fence awaits it. */
function ofFence(): void {
  return undefined;
}
