/**
 * SQLite in this process: a file in a directory, one writer at a time, readers beside it. Statements
 * run on the event loop, so rows are written in turns (`event-loop-turns.ts`).
 */
import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import knex from 'knex';
import { NodeSqliteClient, StatementCache, type SqliteConnection } from './node-sqlite-client.ts';
import type { Dialect, WriteSession } from '../dialect.ts';
import { acquireTimeoutMs, inTransaction, silentLog, useConnection } from '../knex-connections.ts';
import { transactionsIn, type InSession } from '../transactions.ts';
import {
  createTableNames,
  relationTemplate,
  resourceTemplate,
  type NameLimits,
} from '../table-names.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import type { ResolvedSqlCacheOptions } from '../sql-cache-options.ts';
import { classifySqliteError } from './retryable-result-codes.ts';
import { createTables } from './create-tables.ts';
import { createTemplates } from './create-templates.ts';
import { deleteAgentRelations } from './delete-agent-relations.ts';
import { deleteAgentRows } from './delete-agent-rows.ts';
import { deleteRelations } from './delete-relations.ts';
import { deleteRows } from './delete-rows.ts';
import { insertRelations } from './insert-relations.ts';
import { insertRows } from './insert-rows.ts';
import { lockAccount } from './lock-account.ts';
import { selectMemberless } from './select-memberless.ts';
import { selectRowHeads } from './select-row-heads.ts';
import { nextTurn } from './event-loop-turns.ts';
import { StatementsInTurn, type StatementQueue } from '../statement-queue.ts';
import { upsertCheckpoint } from './upsert-checkpoint.ts';
import { upsertRows } from './upsert-rows.ts';

/** Nothing is limited; names are kept as long as on PostgreSQL, so that tools find them. */
const limits: NameLimits = { table: 63, id: Infinity, agent: Infinity, relType: Infinity };

/** One writer and a few readers; more would only take turns on the same thread. */
const maxConnections = 4;

/** Name of the database in its directory. */
const fileName = 'fairlead.sqlite';

/** All writers of the process share one queue: SQLite would refuse the second, not make it wait. */
const writers = 'writers';

/** Makes the directory; connections are made when they are needed. */
export function openSqliteDialect(options: ResolvedSqlCacheOptions): Dialect {
  mkdirSync(options.location, { recursive: true });
  const db = knex({
    client: NodeSqliteClient,
    connection: { filename: join(options.location, fileName) },
    pool: { min: 0, max: maxConnections },
    acquireConnectionTimeout: acquireTimeoutMs,
    useNullAsDefault: true,
    compileSqlOnError: false,
    log: silentLog,
  });
  const cache = new StatementCache();
  const queue = new KeyedQueue();
  const deps = { knex: db, classify: classifySqliteError };
  const use = <T>(work: (database: DatabaseSync) => Promise<T>) =>
    useConnection(deps, (connection) => work(connection as DatabaseSync));
  const write = <T>(work: (database: DatabaseSync) => Promise<T> | T) =>
    queue.run(writers, async () => {
      await nextTurn();
      return use(async (database) => work(database));
    });
  const inSession: InSession = (work) =>
    write((database) => {
      const inTurn = new StatementsInTurn();
      const session = createSession({ database, cache, inTurn });
      return inTransaction(database, {
        run: async (sql) => {
          database.exec(sql);
          return Promise.resolve();
        },
        begin: 'BEGIN IMMEDIATE',
        statements: inTurn,
        work: (begun) => work(session, begun),
      });
    });
  return {
    name: 'sqlite',
    knex: db,
    names: createTableNames({ tableNamespace: options.tableNamespace, limits, folding: 'none' }),
    classify: classifySqliteError,
    ...transactionsIn(inSession),
    isChainable: false,
    withSchemaLock: (work) => queue.run('schema', work),
    createTemplates: () => write(createTemplates),
    findTemplates: () => Promise.resolve([resourceTemplate, relationTemplate]),
    createTables: (tables) => write((database) => createTables(database, tables)),
    close: () => db.destroy(),
  };
}

function createSession(on: {
  readonly database: DatabaseSync;
  readonly cache: StatementCache;
  readonly inTurn: StatementQueue;
}): WriteSession {
  const { database, cache } = on;
  const connection: SqliteConnection = {
    database,
    prepare: (text) => cache.prepare(database, text),
  };
  const run = <T>(statement: () => Promise<T> | T) => on.inTurn.run(async () => statement());
  return {
    connection: database,
    settled: () => on.inTurn.settled(),
    lockAccount: (name) => run(() => lockAccount(connection, name)),
    upsertCheckpoints: (rows) =>
      run(() => {
        for (const row of rows) upsertCheckpoint(connection, row);
      }),
    selectRowHeads: (request) => run(() => selectRowHeads(connection, request)),
    insertRows: (request) => run(() => insertRows(connection, request)),
    upsertRows: (request) => run(() => upsertRows(connection, request)),
    deleteRows: (request) => run(() => deleteRows(connection, request)),
    insertRelations: (request) => run(() => insertRelations(connection, request)),
    deleteRelations: (request) => run(() => deleteRelations(connection, request)),
    selectMemberless: (request) => run(() => selectMemberless(connection, request)),
    deleteAgentRows: (request) => run(() => deleteAgentRows(connection, request)),
    deleteAgentRelations: (request) => run(() => deleteAgentRelations(connection, request)),
  };
}
