/**
 * knex on Node's own SQLite. knex has a dialect for better-sqlite3, whose interface is close to
 * `node:sqlite`; this class puts the one in the place of the other.
 */
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import BetterSqlite3Client from 'knex/lib/dialects/better-sqlite3/index.js';

interface KnexQuery {
  readonly sql: string;
  /** What the query builder was asked for; absent for schema statements. */
  readonly method?: string;
  /** Columns of a RETURNING clause. */
  readonly returning?: unknown;
  readonly bindings?: readonly unknown[];
  response?: unknown;
  context?: { lastID: number | bigint; changes: number | bigint };
}

/**
 * Write-ahead logging lets readers go on beside the writer. NORMAL keeps the file sound after any
 * crash; the last commits before a power cut may be lost, and come again from the cluster.
 */
const settings = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA busy_timeout = 0;
  PRAGMA cache_size = -16384;
  PRAGMA temp_store = MEMORY;`;

/** A knex client for `node:sqlite`. */
export class NodeSqliteClient extends BetterSqlite3Client {
  _driver(): typeof DatabaseSync {
    return DatabaseSync;
  }

  override async acquireRawConnection(): Promise<DatabaseSync> {
    const { filename } = this.connectionSettings as { filename: string };
    const database = new DatabaseSync(filename);
    database.exec(settings);
    return Promise.resolve(database);
  }

  override async destroyRawConnection(connection: DatabaseSync): Promise<void> {
    if (connection.isOpen) connection.close();
    return Promise.resolve();
  }

  override async validateConnection(connection: DatabaseSync): Promise<boolean> {
    return Promise.resolve(connection.isOpen);
  }

  override async _query(connection: DatabaseSync, query: KnexQuery): Promise<KnexQuery> {
    const statement = connection.prepare(query.sql);
    const bindings = (query.bindings ?? []).map(bindable);
    if (isCounted(query)) {
      const { lastInsertRowid, changes } = statement.run(...bindings);
      query.context = { lastID: lastInsertRowid, changes };
    } else {
      query.response = statement.all(...bindings);
    }
    return Promise.resolve(query);
  }
}

const countedMethods: ReadonlySet<string> = new Set(['insert', 'update', 'del', 'counter']);

/**
 * Whether knex wants a count instead of rows. The statement itself could tell by `columns()`, but only
 * from Node.js 22.16 on.
 */
function isCounted({ method = '', returning }: KnexQuery): boolean {
  return countedMethods.has(method) && (returning === undefined || returning === false);
}

/** SQLite has neither booleans nor dates. */
function bindable(value: unknown): SQLInputValue {
  if (typeof value === 'boolean') return Number(value);
  if (value instanceof Date) return value.valueOf();
  return value as SQLInputValue;
}

/** Statements of one connection, prepared once. */
export class StatementCache {
  readonly #byConnection = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

  /** The prepared statement of a text. */
  prepare(connection: DatabaseSync, text: string): StatementSync {
    let statements = this.#byConnection.get(connection);
    if (statements === undefined) {
      statements = new Map();
      this.#byConnection.set(connection, statements);
    }
    let statement = statements.get(text);
    if (statement === undefined) {
      statement = connection.prepare(text);
      statements.set(text, statement);
    }
    return statement;
  }
}

/** A connection with its prepared statements. */
export interface SqliteConnection {
  readonly database: DatabaseSync;
  /** Prepares a text once per connection. */
  prepare(text: string): StatementSync;
}

/** Quotes a name that has been made by `TableNames`. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
