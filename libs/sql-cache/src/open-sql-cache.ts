/** Opens a cache: picks the dialect, and puts retrying around everything that asks the database. */
import type {
  CommitOptions,
  CommitResult,
  CommitUnit,
  ListIdsQuery,
  MoveAccountRequest,
  MovedAccount,
  RemoveAccountRequest,
  RemovedAccount,
  RowsById,
  RowsOfAgent,
  SqlCache,
  StoredBody,
  StoredFeed,
  StoredVersion,
} from './sql-cache.ts';
import {
  resolveSqlCacheOptions,
  type ResolvedSqlCacheOptions,
  type SqlCacheOptions,
} from './sql-cache-options.ts';
import type { SearchPage, SearchQuery } from './search.ts';
import { createAccountDefinitions } from './sql-account-definitions.ts';
import { createAgentLocks } from './sql-agent-locks.ts';
import { createAccountStore } from './sql-account-store.ts';
import { selectFeeds } from './feed-rows.ts';
import type { AccountDefinitions } from './account-definitions.ts';
import type { AccountStore } from './account-store.ts';
import type { BridgeBeats } from './bridge-beats.ts';
import { createBridgeBeats } from './sql-bridge-beats.ts';
import type { AgentLocks } from './agent-locks.ts';
import type { DeadLetters } from './dead-letter.ts';
import type { Dialect } from './dialect.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { TypeTables } from './type-tables.ts';
import { countAgentRows, countRows } from './count-rows.ts';
import { createDeadLetters } from './dead-letter-rows.ts';
import { bodiesOf, listBodies, listIds, listObjectIds } from './list-ids.ts';
import { openDialect } from './open-dialect.ts';
import { prepareUnit } from './prepare-unit.ts';
import { prepareSchema } from './prepare-schema.ts';
import { moveAccount, removeAccount, type RemoveDeps } from './remove-account.ts';
import { runRetrying } from './retry.ts';
import { searchObjects } from './search-objects.ts';
import { versionsOf } from './versions-of.ts';
import { UnitTransactions } from './unit-transactions.ts';

/**
 * Opens a cache. Nothing is connected before `ready`.
 * @throws SqlCacheError `invalidOptions`
 */
export async function openSqlCache(options: SqlCacheOptions): Promise<SqlCache> {
  const resolved = resolveSqlCacheOptions(options);
  return new DialectSqlCache(resolved, await openDialect(resolved));
}

class DialectSqlCache implements SqlCache {
  readonly dialect: SqlCache['dialect'];
  readonly accounts: AccountStore;
  readonly definitions: AccountDefinitions;
  readonly agentLocks: AgentLocks;
  readonly bridges: BridgeBeats;
  readonly deadLetters: DeadLetters;
  readonly #options: ResolvedSqlCacheOptions;
  readonly #dialect: Dialect;
  readonly #types: TypeTables;
  readonly #units: UnitTransactions;
  readonly #accountQueue = new KeyedQueue();
  readonly #closing = new AbortController();

  constructor(options: ResolvedSqlCacheOptions, dialect: Dialect) {
    this.#options = options;
    this.#dialect = dialect;
    this.#types = new TypeTables(dialect);
    this.#units = new UnitTransactions({ ...options, dialect, types: this.#types });
    this.dialect = dialect.name;
    const retrying = <T>(operation: string, work: () => Promise<T>) =>
      this.#retrying(operation, work);
    const { clock, tableNamespace } = options;
    this.accounts = createAccountStore({ dialect, clock, retrying });
    this.bridges = createBridgeBeats({ dialect, clock, retrying });
    this.definitions = createAccountDefinitions({ dialect, clock, retrying });
    this.agentLocks = createAgentLocks({ dialect, clock, tableNamespace, retrying });
    this.deadLetters = createDeadLetters({ dialect, retrying });
  }

  async ready(signal?: AbortSignal): Promise<void> {
    const { clock, observer, schema } = this.#options;
    await prepareSchema(
      { dialect: this.#dialect, types: this.#types, clock, observer, schema },
      this.#signal(signal),
    );
  }

  async feeds(account: string): Promise<StoredFeed[]> {
    return this.#retrying('feeds', () => selectFeeds(this.#dialect, account));
  }

  prepareTypes(types: readonly string[]): void {
    this.#types.prepare(types);
  }

  expectRows(type: string): void {
    this.#types.expect(type);
  }

  async commit(unit: CommitUnit, options: CommitOptions = {}): Promise<CommitResult> {
    const prepared = prepareUnit(unit, this.#dialect.names.limits);
    const { value, retries } = await this.#accountQueue.run(unit.account, () =>
      runRetrying(
        () => this.#timed('commit', () => this.#units.write(unit, prepared)),
        { operation: 'commit', signal: this.#signal(options.signal) },
        this.#retryDeps(),
      ),
    );
    return { ...value, retries };
  }

  async commitBehind(unit: CommitUnit): Promise<CommitResult | undefined> {
    if (!this.#units.mayFollow(unit)) return undefined;
    const counts = await this.#accountQueue.runBeside(unit.account, () =>
      this.#units.writeBehind(unit),
    );
    return counts && { ...counts, retries: 0 };
  }

  async listIds(query: ListIdsQuery): Promise<string[]> {
    return this.#reading('listIds', [], () => listIds(this.#dialect, query));
  }

  async listObjectIds(query: ListIdsQuery): Promise<string[]> {
    return this.#reading('listObjectIds', [], () => listObjectIds(this.#dialect, query));
  }

  async bodiesOf(rows: RowsById): Promise<StoredBody[]> {
    return this.#reading('bodiesOf', [], () => bodiesOf(this.#dialect, rows));
  }

  async listBodies(query: ListIdsQuery): Promise<StoredBody[]> {
    return this.#reading('listBodies', [], () => listBodies(this.#dialect, query));
  }

  async versionsOf(rows: RowsById): Promise<StoredVersion[]> {
    return this.#reading('versionsOf', [], () => versionsOf(this.#dialect, rows));
  }

  async search(query: SearchQuery): Promise<SearchPage> {
    return this.#retrying('search', async () => {
      const types = await this.#types.typesWithRows();
      return searchObjects(query, { dialect: this.#dialect, types });
    });
  }

  async getBody(type: string, id: string): Promise<Buffer | undefined> {
    return this.#reading('getBody', undefined, async () => {
      const { knex, names } = this.#dialect;
      const rows = knex<{ id: string; body: string }>(names.resource(type));
      const [row] = await rows.select('body').where({ id }).limit(1);
      return row === undefined ? undefined : Buffer.from(row.body);
    });
  }

  async countRows(account: string): Promise<ReadonlyMap<string, number>> {
    return this.#retrying('countRows', async () => {
      const types = await this.#types.typesWithRows();
      return countRows(this.#dialect, { account, types });
    });
  }

  async countAgentRows(rows: RowsOfAgent): Promise<number> {
    return this.#reading('countAgentRows', 0, () => countAgentRows(this.#dialect, rows));
  }

  async removeAccount(request: RemoveAccountRequest): Promise<RemovedAccount> {
    return this.#deleting(request, (deps) => removeAccount(request, deps));
  }

  async moveAccount(request: MoveAccountRequest): Promise<MovedAccount> {
    return this.#deleting(request, (deps) => moveAccount(request, deps));
  }

  async #deleting<T>(
    { name, signal }: RemoveAccountRequest,
    work: (deps: RemoveDeps) => Promise<T>,
  ): Promise<T> {
    const { clock } = this.#options;
    const retrying = <R>(step: () => Promise<R>) => this.#retrying('removeAccount', step, signal);
    return this.#accountQueue.run(name, async () => {
      this.#units.forget(name);
      const types = await retrying(() => this.#types.typesWithRows());
      return work({ dialect: this.#dialect, clock, types, retrying });
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#dialect.close();
  }

  /** A table that nobody has made yet holds nothing. */
  async #reading<T>(operation: string, nothing: T, work: () => Promise<T>): Promise<T> {
    return this.#retrying(operation, async () => {
      try {
        return await work();
      } catch (error: unknown) {
        if (this.#dialect.classify(error).kind === 'missingTable') return nothing;
        throw error;
      }
    });
  }

  async #retrying<T>(operation: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const request = { operation, signal: this.#signal(signal) };
    const timed = () => this.#timed(operation, work);
    return (await runRetrying(timed, request, this.#retryDeps())).value;
  }

  #retryDeps(): Parameters<typeof runRetrying>[2] {
    const { clock, random, observer } = this.#options;
    const { classify } = this.#dialect;
    return { classify, clock, random, observer, onMissingTable: () => this.#types.forget() };
  }

  #signal(signal: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([closing, signal]);
  }

  async #timed<T>(statement: string, work: () => Promise<T>): Promise<T> {
    const { clock, observer } = this.#options;
    const startedAtMs = clock.nowMs();
    const value = await work();
    observer.timed?.({ statement, elapsedMs: clock.nowMs() - startedAtMs });
    return value;
  }
}
