/**
 * What the three dialects have to do, each in its own folder with the same file names. Statements
 * that carry many rows are written by hand there; everything small is built with knex, on the
 * session's connection.
 */
import type { Knex } from 'knex';
import type { Classify } from './fault.ts';
import type { TableNames } from './table-names.ts';

/** One kind of database. */
export interface Dialect {
  /** Which it is. */
  readonly name: 'postgres' | 'mysql' | 'sqlite';
  /** Builds schema and small queries, on a connection of its own unless given a session's. */
  readonly knex: Knex;
  /** Names of Clouddriver's tables. */
  readonly names: TableNames;
  /** The meaning of the driver's errors. */
  readonly classify: Classify;
  /**
   * Runs the work in one READ COMMITTED transaction that sees no other writer's rows half done. It
   * commits when the work has resolved and every statement of the session has succeeded.
   */
  transaction<T>(work: (session: WriteSession) => Promise<T>): Promise<T>;
  /**
   * The same with an account's row locked first. `locked` resolves when the transaction has begun and
   * holds the lock; the work must wait for it before it writes, and need not before it reads.
   */
  accountTransaction<T>(account: string, work: AccountWork<T>): Promise<T>;
  /**
   * Whether a transaction of an account can work beside the one before it: `commitUnflushed` counts,
   * and neither waits for rows of the other's that are only near its own.
   */
  readonly isChainable: boolean;
  /** Lets one process at a time change the schema, whatever others do. */
  withSchemaLock<T>(work: () => Promise<T>): Promise<T>;
  /** Makes the two templates as Clouddriver's migrations make them, if they are not there. */
  createTemplates(): Promise<void>;
  /** Which of the two templates are there, with all that Clouddriver's migrations do to them. */
  findTemplates(): Promise<readonly string[]>;
  /** Makes a type's table and relation table like the templates, if they are not there. */
  createTables(tables: { readonly resource: string; readonly relation: string }): Promise<void>;
  /**
   * Reads the versions of rows by primary key, without their bodies; absent where bodies are as near
   * as their versions. May refuse what it cannot read (a fault of the kind `rejected`).
   */
  selectVersions?(request: SelectVersions): Promise<readonly FoundVersion[]>;
  /** Closes all connections. */
  close(): Promise<void>;
}

/** What is done under the lock of an account. */
export type AccountWork<T> = (
  session: WriteSession,
  locked: Promise<LockedAccount | undefined>,
) => Promise<T>;

/**
 * The hot statements of a dialect on one connection, inside a transaction. They run in the order of
 * the calls, none after one that failed; a call whose answer is not needed need not be awaited.
 */
export interface WriteSession {
  /** The driver's connection, for `knex(...).connection(...)`. */
  readonly connection: unknown;
  /**
   * Resolves when every statement so far has succeeded. Must be awaited before a statement of knex's
   * that writes: knex does not know of those that wait for their turn, and MySQL has no transaction
   * any more after a deadlock.
   */
  settled(): Promise<void>;
  /** Reads an account's row and keeps others from changing it until the transaction ends. */
  lockAccount(name: string): Promise<LockedAccount | undefined>;
  /**
   * Has the transaction's end not wait for the disk, and counts it in the account's row, so that it is
   * seen if a crash of the server loses it. Absent where a transaction cannot choose.
   */
  commitUnflushed?(name: string): Promise<void>;
  /** Writes how far feeds are; their states are left as they are. */
  upsertCheckpoints(rows: readonly CheckpointRow[]): Promise<void>;
  /** Reads hash and head of the rows that exist, by primary key. */
  selectRowHeads(request: SelectRowHeads): Promise<StoredRowHead[]>;
  /**
   * Inserts rows none of which is believed to be there.
   * @throws RowsStored when one is; the transaction must end then
   */
  insertRows(request: UpsertRows): Promise<void>;
  /** Inserts rows, or updates those whose hash differs. */
  upsertRows(request: UpsertRows): Promise<void>;
  /** Deletes rows by primary key; gives their number. */
  deleteRows(request: DeleteRows): Promise<number>;
  /** Inserts the relation rows that are not there yet. */
  insertRelations(request: InsertRelations): Promise<void>;
  /** Deletes relation rows by primary key. */
  deleteRelations(request: DeleteRelations): Promise<void>;
  /** Which of the ids no row of the relation table starts from, for one agent. */
  selectMemberless(request: SelectMemberless): Promise<string[]>;
  /** Deletes any rows of an agent, at most `limit`; gives their number. */
  deleteAgentRows(request: DeleteAgentRows): Promise<number>;
  /** Deletes any relation rows of an agent, at most `limit`; gives their number. */
  deleteAgentRelations(request: DeleteAgentRelations): Promise<number>;
}

/** What is asked of an account's row while it is locked. */
export interface LockedAccount {
  readonly epoch: number;
  readonly state: string;
  /** Commits that did not wait for the disk, ever. */
  readonly commits: number;
}

/** One row of `fairlead_feeds` but for its state, by column. */
export interface CheckpointRow {
  readonly account: string;
  readonly api_group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly version: string;
  readonly kind: string;
  readonly is_namespaced: number;
  readonly type: string;
  readonly resource_version: string;
  readonly as_of_ms: number;
  readonly policy: string;
  readonly ahead: string;
  readonly updated_at_ms: number;
}

/** Which heads to read. */
export interface SelectRowHeads {
  readonly table: string;
  readonly agent: string;
  /** In key order. */
  readonly wanted: readonly WantedHead[];
}

/** One head to read. */
export interface WantedHead {
  readonly id: string;
  /** The hash of the body that is to be written; `''` for a row that is to go. */
  readonly bodyHash: string;
  /** The head of the body that is to be written; `''` for a row that is to go. */
  readonly head: string;
}

/** What is stored of one row. */
export interface StoredRowHead {
  readonly id: string;
  readonly bodyHash: string;
  /** The stored body before `,"attributes":`; `null` when its hash or its head is the wanted one. */
  readonly head: string | null;
}

/** Which versions to read. */
export interface SelectVersions {
  readonly table: string;
  readonly agent: string;
  readonly ids: readonly string[];
}

/** What stands in a row's body; all null when the body is not what its hash says. */
export interface FoundVersion {
  readonly id: string;
  readonly api_version: string | null;
  readonly uid: string | null;
  readonly resource_version: string | null;
}

/** Rows to write. */
export interface UpsertRows {
  readonly table: string;
  readonly agent: string;
  /** In key order. */
  readonly rows: readonly BodyRow[];
  /** For `last_updated`, epoch milliseconds. */
  readonly nowMs: number;
}

/** One row to write. */
export interface BodyRow {
  readonly id: string;
  readonly bodyHash: string;
  readonly body: Uint8Array;
}

/** Rows to delete. */
export interface DeleteRows {
  readonly table: string;
  readonly agent: string;
  /** In key order. */
  readonly ids: readonly string[];
}

/** Relation rows to write. */
export interface InsertRelations {
  readonly table: string;
  readonly relAgent: string;
  readonly relType: string;
  /** In key order. */
  readonly rows: readonly RelationRow[];
  /** For `last_updated`, epoch milliseconds. */
  readonly nowMs: number;
}

/** One relation row. */
export interface RelationRow {
  readonly uuid: string;
  readonly id: string;
  readonly relId: string;
}

/** Relation rows to delete. */
export interface DeleteRelations {
  readonly table: string;
  /** In key order. */
  readonly uuids: readonly string[];
}

/** Logical ids that may have lost their last member. */
export interface SelectMemberless {
  /** Relation table of the ids' type. */
  readonly relationTable: string;
  readonly relAgent: string;
  readonly ids: readonly string[];
}

/** Rows of an agent to delete. */
export interface DeleteAgentRows {
  readonly table: string;
  readonly agent: string;
  readonly limit: number;
}

/** Relation rows of an agent to delete. */
export interface DeleteAgentRelations {
  readonly table: string;
  readonly relAgent: string;
  readonly limit: number;
}
