/**
 * Looks at a database server before, or while, a bridge works in it: whether its user may do what a
 * bridge does. Nothing is changed: statements touch no row, and what they make is rolled back (on
 * MySQL they name tables that are not there, since rights are looked at first).
 */
import type { Knex } from 'knex';
import type { Dialect } from './dialect.ts';
import { describeError, errorCode, errorMessage, type Fault } from './fault.ts';
import { examineMysql } from './mysql/examine.ts';
import { openDialect } from './open-dialect.ts';
import { examinePostgres } from './postgres/examine.ts';
import { resolveSqlCacheOptions, type SqlCacheOptions } from './sql-cache-options.ts';
import { relationTemplate, resourceTemplate } from './table-names.ts';

/** What a bridge does in the database. */
export type DatabaseTask =
  | 'read rows'
  | 'insert rows'
  | 'update rows'
  | 'delete rows'
  | 'create tables'
  | 'change its own tables';

/** A statement that the database would not take. */
export interface RefusedStatement {
  /** What it was for. */
  readonly task: DatabaseTask;
  /** In which tables; several where the answer was the same. */
  readonly tables: readonly string[];
  /** The database's code and words; no value and no password. */
  readonly reason: string;
}

/** What a database server is, and what its user may do. */
export interface DatabaseFacts {
  /** Which it is. */
  readonly dialect: 'postgres' | 'mysql';
  /** As the server names it. */
  readonly serverVersion: string;
  /** The user that the server sees. */
  readonly user: string;
  /** The server's clock, epoch milliseconds. */
  readonly nowMs: number;
  /** Encoding of texts: of the whole database, and of bodies where they have one of their own. */
  readonly encoding: string;
  /** Whether every character that Kubernetes takes can be stored. */
  readonly takesAllCharacters: boolean;
  /** Clouddriver's templates that are not there, or not with all of its migrations. */
  readonly missingTemplates: readonly string[];
  /** Whether there is Clouddriver's table of agents' locks. */
  readonly hasAgentLocks: boolean;
  /** Whether there are Clouddriver's tables of accounts. */
  readonly hasAccounts: boolean;
  /** What the user may not do; empty when all is well. */
  readonly refused: readonly RefusedStatement[];
  /**
   * On PostgreSQL: who owns Clouddriver's tables, where that user could not read those that this one
   * makes; '' otherwise.
   */
  readonly shutOutOwner: string;
}

/** How looking ended. */
export type DatabaseExamination =
  /** It was looked at. */
  | { readonly kind: 'examined'; readonly facts: DatabaseFacts }
  /** No connection, or none that lasted. */
  | {
      readonly kind: 'unreachable';
      /** Name from the table of transient errors, as in retries' metrics. */
      readonly reason: string;
      /** The driver's words, without rows and statements. */
      readonly detail: string;
    }
  /** The server does not take the user, has no such database, or is none. */
  | {
      readonly kind: 'refused';
      /** Name from the table of transient errors; `rejected` or `embedded`. */
      readonly reason: string;
      /** The driver's words, without rows and statements. */
      readonly detail: string;
    };

/** What one dialect tells of itself. */
export interface DialectFacts extends Pick<
  DatabaseFacts,
  'serverVersion' | 'user' | 'nowMs' | 'encoding' | 'takesAllCharacters' | 'shutOutOwner'
> {
  /** Names of the tables that a bridge reads and writes, as far as they are there. */
  readonly tables: readonly string[];
  /** Its own tables that the user may not change. */
  readonly fixedTables: readonly string[];
}

/** A statement to try. */
export interface Attempt {
  readonly task: DatabaseTask;
  readonly table: string;
  /** Complete; changes nothing that a rollback does not undo. */
  readonly text: string;
}

/** What a dialect knows about looking at a database. */
export interface DialectExaminer {
  /** Asks the server about itself. */
  facts(db: Knex, tables: ExaminedTables): Promise<DialectFacts>;
  /** Statements that show whether tables may be made (and, on MySQL, changed and written). */
  creation(): readonly Attempt[];
  /** Quotes the name of a table. */
  quoted(name: string): string;
  /** Whether "there is no such table" means that the user may do it. */
  readonly looksAtRightsFirst: boolean;
}

/** Names of tables to look for, as they are spelt in the database. */
export interface ExaminedTables {
  /** Clouddriver's locks of agents. */
  readonly agentLocks: string;
  /** The prefix of Clouddriver's cache in this namespace: `cats_v1_`. */
  readonly cachePrefix: string;
}

/** Retried by a bridge, since somebody may put it right meanwhile. */
const personal: ReadonlySet<string> = new Set(['accessDenied', 'databaseMissing']);

const definitionTables = ['accounts', 'accounts_history'] as const;

/**
 * Looks at a server; give what `openSqlCache` is given. An embedded database has no rights to look at.
 * @throws SqlCacheError `invalidOptions`
 */
export async function examineDatabase(
  options: Omit<SqlCacheOptions, 'clock'>,
): Promise<DatabaseExamination> {
  const clock = { nowMs: () => 0, sleep: () => Promise.resolve() };
  const resolved = resolveSqlCacheOptions({ ...options, pool: { max: 2 }, clock });
  if (resolved.dialect === 'sqlite') {
    return { kind: 'refused', reason: 'embedded', detail: 'an embedded database is no server' };
  }
  const dialect = await openDialect(resolved);
  const examiner = resolved.dialect === 'postgres' ? examinePostgres : examineMysql;
  try {
    const facts = await examine(dialect, examiner, resolved.tableNamespace);
    return { kind: 'examined', facts };
  } catch (error: unknown) {
    const fault = dialect.classify(error);
    const reason = fault.kind === 'transient' ? fault.reason : 'rejected';
    const isUnreachable = fault.kind === 'transient' && !personal.has(reason);
    return {
      kind: isUnreachable ? 'unreachable' : 'refused',
      reason,
      detail: describeError(error),
    };
  } finally {
    await dialect.close();
  }
}

async function examine(
  dialect: Dialect,
  examiner: DialectExaminer,
  tableNamespace: string,
): Promise<DatabaseFacts> {
  const names = tablesOf(dialect, tableNamespace);
  const { tables, fixedTables, ...facts } = await examiner.facts(dialect.knex, names);
  const found = await dialect.findTemplates();
  const missing = [resourceTemplate, relationTemplate].filter((name) => !found.includes(name));
  const attempts = [
    ...[resourceTemplate, relationTemplate]
      .filter((name) => tables.includes(name))
      .map((table) => readOf(examiner, table)),
    ...tables.filter((name) => !isTemplate(name)).flatMap((table) => changesOf(examiner, table)),
    ...examiner.creation(),
  ];
  const refused = await refusedOf(dialect, examiner, attempts);
  const fixed = fixedTables.map((table) => ({
    ...{ task: 'change its own tables', table },
    reason: 'they belong to another user',
  }));
  return {
    ...facts,
    dialect: dialect.name === 'postgres' ? 'postgres' : 'mysql',
    missingTemplates: missing,
    hasAgentLocks: tables.includes(names.agentLocks),
    hasAccounts: definitionTables.every((name) => tables.includes(name)),
    refused: grouped([...refused, ...(fixed as readonly Refused[])]),
  };
}

function tablesOf(dialect: Dialect, tableNamespace: string): ExaminedTables {
  const name = tableNamespace === '' ? 'cats_agent_locks' : `cats_agent_locks_${tableNamespace}`;
  const prefix = dialect.names.resource('').replace(/_?$/, '_');
  return {
    agentLocks: dialect.name === 'postgres' ? name.toLowerCase() : name,
    cachePrefix: prefix,
  };
}

const isTemplate = (name: string): boolean =>
  name === resourceTemplate || name === relationTemplate;

interface Refused {
  readonly task: DatabaseTask;
  readonly table: string;
  readonly reason: string;
}

async function refusedOf(
  dialect: Dialect,
  examiner: DialectExaminer,
  attempts: readonly Attempt[],
): Promise<readonly Refused[]> {
  const refused: Refused[] = [];
  for (const { task, table, text } of attempts) {
    const transaction = await dialect.knex.transaction();
    try {
      await transaction.raw(text);
    } catch (error: unknown) {
      const fault = dialect.classify(error);
      if (isLost(fault)) throw error;
      const isAbsent = fault.kind === 'missingTable' && examiner.looksAtRightsFirst;
      if (!isAbsent) refused.push({ task, table, reason: causeOf(error) });
    } finally {
      await transaction.rollback();
    }
  }
  return refused;
}

/** A server that only reads refuses everything that changes, and says so for each. */
function isLost(fault: Fault): boolean {
  return fault.kind === 'transient' && fault.connection === 'broken' && fault.reason !== 'readOnly';
}

/** knex puts the statement before the words of the database. */
function causeOf(error: unknown): string {
  const words = errorMessage(error).split(' - ').at(-1) ?? '';
  const code = errorCode(error);
  return code === '' ? words : `${code}: ${words}`;
}

function readOf(examiner: DialectExaminer, table: string): Attempt {
  return { task: 'read rows', table, text: `SELECT * FROM ${examiner.quoted(table)} WHERE 1 = 0` };
}

/** They touch no row, and the rights to them are looked at all the same. */
function changesOf(examiner: DialectExaminer, table: string): readonly Attempt[] {
  const name = examiner.quoted(table);
  const column = firstColumn(table);
  return [
    readOf(examiner, table),
    { task: 'insert rows', table, text: `INSERT INTO ${name} SELECT * FROM ${name} WHERE 1 = 0` },
    { task: 'update rows', table, text: `UPDATE ${name} SET ${column} = ${column} WHERE 1 = 0` },
    { task: 'delete rows', table, text: `DELETE FROM ${name} WHERE 1 = 0` },
  ];
}

/** A column that the table has for certain. */
function firstColumn(table: string): string {
  if (table.startsWith('cats_agent_locks')) return 'agent_name';
  if (table.startsWith('cats_v1_')) return 'id';
  return ownColumns.get(table) ?? 'id';
}

const ownColumns: ReadonlyMap<string, string> = new Map([
  ['fairlead_accounts', 'name'],
  ['fairlead_feeds', 'account'],
  ['fairlead_types', 'type'],
  ['fairlead_bridges', 'bridge_id'],
  ['fairlead_migrations_lock', 'is_locked'],
]);

/** One entry for each task and reason, with all its tables. */
function grouped(refused: readonly Refused[]): readonly RefusedStatement[] {
  const groups = new Map<string, { task: DatabaseTask; tables: string[]; reason: string }>();
  for (const { task, table, reason } of refused) {
    const plain = reason.replaceAll(table, '...');
    const key = `${task}: ${plain}`;
    const group = groups.get(key) ?? { task, tables: [], reason };
    group.tables.push(table);
    groups.set(key, group);
  }
  return [...groups.values()];
}
