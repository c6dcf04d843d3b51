/**
 * The contract of the cache: what a bridge may do with the database. `openSqlCache` gives one; the
 * three dialects behind it keep the same promises and share one test suite.
 */
import type { Projection, RelationRows } from '@fairlead/clouddriver-model';
import type { AccountDefinitions } from './account-definitions.ts';
import type { AccountStore, StoredAccount, StoredAccountState } from './account-store.ts';
import type { BridgeBeats } from './bridge-beats.ts';
import type { AgentLocks } from './agent-locks.ts';
import type { DeadLetterChanges, DeadLetters } from './dead-letter.ts';
import type { SearchPage, SearchQuery } from './search.ts';

/** Clouddriver's cache tables and Fairlead's own state in one database. */
export interface SqlCache {
  /** Which dialect is behind it. */
  readonly dialect: 'postgres' | 'mysql' | 'sqlite';
  /**
   * Waits until the database answers and the schema stands, saying why through the observer, and
   * migrates Fairlead's own tables. Call it once, before anything else.
   * @throws SqlCacheError `aborted`, `schemaTooNew`, `rejected`
   */
  ready(signal?: AbortSignal): Promise<void>;
  /** Who feeds which account, with epochs. */
  readonly accounts: AccountStore;
  /** The accounts that Clouddriver reads from this database. */
  readonly definitions: AccountDefinitions;
  /** The bridges that share the database. */
  readonly bridges: BridgeBeats;
  /** Clouddriver's locks on its caching agents. */
  readonly agentLocks: AgentLocks;
  /** What was put aside, of all accounts. */
  readonly deadLetters: DeadLetters;
  /** The feeds of an account with their checkpoints, in no promised order. */
  feeds(account: string): Promise<StoredFeed[]>;
  /**
   * Makes the tables of types whose rows may come, one after the other and beside everything else; a
   * server takes some ten milliseconds for each. They count as types with rows when they have some.
   * Nothing depends on it; a commit makes what is missing.
   */
  prepareTypes(types: readonly string[]): void;
  /**
   * Rows of this type will soon be committed: makes its tables meanwhile, if there are none. Nothing
   * depends on it; a commit makes what is missing.
   */
  expectRows(type: string): void;
  /**
   * Writes one unit in one transaction: all of it or nothing. Transient errors are retried with
   * the whole unit until the signal says stop. Units of one account are committed one at a time.
   * @throws SqlCacheError `fenced`, `rejected`, `aborted`
   */
  commit(unit: CommitUnit, options?: CommitOptions): Promise<CommitResult>;
  /**
   * Writes a unit beside the one of the same account that is being committed, and commits it behind
   * that one. Only for units of new rows and nothing else, and only where the database can tell that
   * the one before is committed (PostgreSQL).
   *
   * Resolves with `undefined`, and nothing of it is stored, when it could not be sent or has come to
   * nothing: it may be committed by itself when the one before is. Never rejects, and tries once.
   */
  commitBehind(unit: CommitUnit): Promise<CommitResult | undefined>;
  /** One page of the ids that an agent of Clouddriver owns in a table, ascending. */
  listIds(query: ListIdsQuery): Promise<string[]>;
  /**
   * The same in the order of the ids' bytes (`Buffer.compare`), whatever the database's collation
   * is. Costs as much as counting the agent's ids: ask for many at once.
   */
  listObjectIds(query: ListIdsQuery): Promise<string[]>;
  /** Some rows, by primary key, in the order of the ids; those that are not there are left out. */
  bodiesOf(rows: RowsById): Promise<StoredBody[]>;
  /** One page of the rows that an agent of Clouddriver owns in a table, ascending by id. */
  listBodies(query: ListIdsQuery): Promise<StoredBody[]>;
  /**
   * Which versions of which objects some rows hold, read without the bodies where the database can
   * look into them; rows that are not there are left out.
   */
  versionsOf(rows: RowsById): Promise<StoredVersion[]>;
  /** Finds objects of all accounts; the work per call is bounded. */
  search(query: SearchQuery): Promise<SearchPage>;
  /** The stored body (CacheData JSON) of one id, whatever agent wrote it; `undefined` if there is none. */
  getBody(type: string, id: string): Promise<Buffer | undefined>;
  /** How many objects of each type are stored for an account; types with none are left out. */
  countRows(account: string): Promise<ReadonlyMap<string, number>>;
  /**
   * How many rows an agent of Clouddriver owns in a table; 0 if there is none. Costs a fraction of
   * what listing them does.
   */
  countAgentRows(rows: RowsOfAgent): Promise<number>;
  /**
   * Deletes all rows of an account in bounded chunks and marks it removed, as long as its epoch is
   * still the given one.
   * @throws SqlCacheError `fenced` when somebody takes the account over meanwhile, `aborted`
   */
  removeAccount(request: RemoveAccountRequest): Promise<RemovedAccount>;
  /**
   * Gives an account's name to another cluster: deletes all rows and checkpoints in bounded chunks,
   * and raises the epoch. Nobody can take the account over before that is done. A move that was
   * interrupted is gone on with by the same call of the same bridge, or by one with the epoch that
   * the account has then.
   * @throws SqlCacheError as `removeAccount` does
   */
  moveAccount(request: MoveAccountRequest): Promise<MovedAccount>;
  /** Ends retries with `aborted` and closes every connection. */
  close(): Promise<void>;
}

/** What belongs together: the rows of a batch and the checkpoint that they lead to. */
export interface CommitUnit {
  /** The account that every row belongs to. */
  readonly account: string;
  /** The writer's epoch; the unit is refused if the account has another one. */
  readonly epoch: number;
  /** Objects that exist, in their last state. One id at most once; of several the last one counts. */
  readonly upserts: readonly Projection[];
  /** Objects that are gone. An id that is also in `upserts` is kept. */
  readonly deletes: readonly RowKey[];
  /**
   * Relation rows that follow from several objects together, and stand in no object's body.
   * @defaultValue none
   */
  readonly relations?: RelationRows;
  /**
   * No row of `upserts` is believed to be stored, so that none is looked for first. If one is, the
   * unit is written as any other, for the price of a transaction that is rolled back.
   * @defaultValue false
   */
  readonly isNew?: boolean;
  /**
   * Other units of the account wait behind it: it need not wait for the disk, which the last of them
   * does for all.
   * @defaultValue false
   */
  readonly isFollowed?: boolean;
  /**
   * Rows that are not what was written: their hash is taken away before anything else, so that they
   * never count as unchanged.
   * @defaultValue none
   */
  readonly distrusted?: readonly RowKey[];
  /** Where the feeds have got to with this unit. */
  readonly checkpoints: readonly FeedCheckpoint[];
  /** Feeds that are gone for good; their rows are the caller's business. */
  readonly retired: readonly FeedName[];
  /**
   * What is put aside and what need not be any more.
   * @defaultValue none
   */
  readonly deadLetters?: DeadLetterChanges;
}

/** The primary key of a cache row, with the table's type. */
export interface RowKey {
  /** Clouddriver's cache type. */
  readonly type: string;
  /** The row's id. */
  readonly id: string;
  /** The caching agent that owns the row. */
  readonly agent: string;
}

/** What names a feed within its account. */
export interface FeedName {
  /** API group, `''` for core. */
  readonly group: string;
  /** Plural resource name. */
  readonly resource: string;
  /** `''` for all namespaces or a cluster-scoped resource. */
  readonly namespace: string;
}

/** Up to where a feed is committed. */
export interface FeedCheckpoint extends FeedName {
  /** API version. */
  readonly version: string;
  /** Kubernetes kind, as the API server writes it. */
  readonly kind: string;
  /** Whether the resource is namespaced. */
  readonly namespaced: boolean;
  /** Clouddriver's cache type of the feed's objects. */
  readonly type: string;
  /** The resourceVersion to resume the watch from; `''` while a first list is not complete. */
  readonly resourceVersion: string;
  /** When the API server's answer was read that this is true of, epoch milliseconds. */
  readonly asOfMs: number;
  /**
   * Fingerprint of what was cut out of the feed's objects, at most 64 characters.
   * @defaultValue `''`: not known, or not the same for all rows
   */
  readonly policy?: string;
  /**
   * Which rows of the feed are newer than the checkpoint, in the writer's own words; 60 KB at most.
   * @defaultValue `''`: none
   */
  readonly ahead?: string;
}

/** A feed as it stands in SQL. */
export interface StoredFeed extends FeedCheckpoint {
  /** As in the checkpoint. */
  readonly policy: string;
  /** As in the checkpoint. */
  readonly ahead: string;
  /** When the checkpoint was written, epoch milliseconds. */
  readonly updatedAtMs: number;
}

/** How a commit may be ended. */
export interface CommitOptions {
  /** Ends retrying; the commit then fails with `aborted`. Default: only `close()` ends it. */
  readonly signal?: AbortSignal;
}

/** What a commit did. */
export interface CommitResult {
  /** Rows that were not there before. */
  readonly inserted: number;
  /** Rows whose body changed. */
  readonly updated: number;
  /** Rows that were there with the same body, and were not written. */
  readonly unchanged: number;
  /** Rows that were there and are gone. */
  readonly deleted: number;
  /** How often the unit was run again because of a transient error. */
  readonly retries: number;
}

/** All rows of one agent in one table. */
export interface RowsOfAgent {
  /** Clouddriver's cache type. */
  readonly type: string;
  /** The caching agent that owns the rows. */
  readonly agent: string;
}

/** Which page of ids. */
export interface ListIdsQuery extends RowsOfAgent {
  /** Only ids of this namespace; `''` means only cluster-scoped ones. Default: all. */
  readonly namespace?: string;
  /** Only ids after this one; `''` starts at the beginning. */
  readonly afterId: string;
  /** At most so many ids. Fewer come only from the last page. */
  readonly limit: number;
}

/** Rows of one agent in one table; some hundred at a time. */
export interface RowsById extends RowsOfAgent {
  /** Their ids, each once. */
  readonly ids: readonly string[];
}

/** A row as it is stored. */
export interface StoredBody {
  /** The row's id: a Clouddriver key. */
  readonly id: string;
  /** CacheData JSON. */
  readonly body: Buffer;
}

/** A row and the version of its object. */
export interface StoredVersion {
  /** The row's id: a Clouddriver key. */
  readonly id: string;
  /** False if the body is not the one that the row's hash was made of, or holds no object. */
  readonly isSound: boolean;
  /** apiVersion in which the object was read; `''` if the row is not sound, as all that follows. */
  readonly apiVersion: string;
  /** The object's `metadata.uid`; `''` also if it has none. */
  readonly uid: string;
  /** The object's `metadata.resourceVersion`. */
  readonly resourceVersion: string;
}

/** Which account to remove, and at what pace. */
export interface RemoveAccountRequest {
  /** The account. */
  readonly name: string;
  /** The epoch it must still have. */
  readonly epoch: number;
  /** Rows deleted per transaction. @defaultValue 1000 */
  readonly chunkRows?: number;
  /** The bridge that deletes, written down as the account's. @defaultValue it stays as it is */
  readonly bridgeId?: string;
  /** Ends the removal between two chunks. */
  readonly signal?: AbortSignal;
}

/** What removing an account came to. */
export interface RemovedAccount {
  /** Rows that were deleted by this call, relation rows not counted. */
  readonly rows: number;
}

/** What giving a name to another cluster came to. */
export interface MovedAccount extends RemovedAccount {
  /** The account's new epoch. */
  readonly epoch: number;
}

/** Which account to give to which cluster. */
export interface MoveAccountRequest extends RemoveAccountRequest {
  /** The bridge that deletes, written down as the account's. */
  readonly bridgeId: string;
  /** What the account is from now on. */
  readonly to: Pick<StoredAccount, 'cluster' | 'properties' | 'kinds'>;
  /** The state to write in the end. */
  readonly state: StoredAccountState;
}
