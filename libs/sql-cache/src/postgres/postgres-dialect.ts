/** PostgreSQL: arrays in binary form through `unnest`, one prepared statement per table and verb. */
import type { ClientBase, QueryResult } from 'pg';
import type { Socket } from 'node:net';
import knex from 'knex';
import type { Dialect, FoundVersion, UpsertRows, WriteSession } from '../dialect.ts';
import {
  acquireTimeoutMs,
  connectionSettings,
  inTransaction,
  limitSilence,
  silentLog,
  useConnection,
} from '../knex-connections.ts';
import { transactionsIn, type InSession } from '../transactions.ts';
import {
  createTableNames,
  relationTemplate,
  resourceTemplate,
  type NameLimits,
} from '../table-names.ts';
import { RowsStored } from '../rows-stored.ts';
import {
  planOnce,
  runPrepared,
  sendTogether,
  StatementNames,
  type PgStatement,
} from './pg-connection.ts';
import { StatementsInFlight, unawaited, type StatementQueue } from '../statement-queue.ts';
import { batchesOf, type BatchLimits } from '../batches.ts';
import type { ResolvedSqlCacheOptions } from '../sql-cache-options.ts';
import { classifyPostgresError } from './retryable-sqlstates.ts';
import { commitUnflushed } from './commit-unflushed.ts';
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
import { upsertCheckpoint } from './upsert-checkpoint.ts';
import { selectVersions } from './select-versions.ts';
import { upsertRows } from './upsert-rows.ts';

/** Only the names of tables are limited (`NAMEDATALEN`). */
const limits: NameLimits = { table: 63, id: Infinity, agent: Infinity, relType: Infinity };

/** Measured: larger batches bring nothing, and a message of a few MiB fits any server's memory. */
const batchLimits: BatchLimits = { rows: 1000, bytes: 8 * 1024 * 1024 };

/**
 * Custom plans, since a generic one that was made for an empty table reads all of a full one (inserts
 * read none, see `isPlannedOnce`); the last statement answers with a row where the server has the
 * setting (PostgreSQL 12 and later). The timeouts end what a frozen process would hold for ever, before
 * those who wait for it give up.
 */
const sessionSettings = (lockTimeoutMs: number) => `
  SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED;
  SET lock_timeout = ${lockTimeoutMs};
  SET idle_in_transaction_session_timeout = ${Math.ceil(lockTimeoutMs / 2)};
  SELECT set_config('plan_cache_mode', 'force_custom_plan', false)
    WHERE current_setting('server_version_num')::int >= 120000`;

/** "Fairlead" in ASCII: the advisory lock that guards changes of the schema. */
const schemaLockKey = '5071450595561660772';

const connectTimeoutMs = 10_000;

/** Opens nothing yet; connections are made when they are needed. */
export function openPostgresDialect(options: ResolvedSqlCacheOptions): Dialect {
  const names = new StatementNames();
  const db = knex({
    client: 'pg',
    connection: connectionSettings(options, (connectionString) => ({
      connectionString,
      application_name: 'fairlead',
      keepAlive: true,
      // Statements are sent without waiting for the answers to those before.
      pipeline: true,
      connectionTimeoutMillis: connectTimeoutMs,
    })),
    pool: { min: 0, max: options.poolMax, afterCreate: sessionSetup(options, names) },
    acquireConnectionTimeout: acquireTimeoutMs,
    compileSqlOnError: false,
    log: silentLog,
  });
  const deps = { knex: db, classify: classifyPostgresError };
  const use = <T>(work: (connection: ClientBase) => Promise<T>) =>
    useConnection(deps, (connection) => work(connection as ClientBase));
  const inSession: InSession = (work) =>
    use((connection) => {
      const statements = new StatementsInFlight();
      const session = createSession({ connection, names, statements });
      return inTransaction(connection, {
        run: (sql) => connection.query(sql),
        begin: 'BEGIN',
        statements,
        work: (begun) => work(session, begun),
      });
    });
  return {
    name: 'postgres',
    knex: db,
    names: createTableNames({ tableNamespace: options.tableNamespace, limits, folding: 'lower' }),
    classify: classifyPostgresError,
    ...transactionsIn(inSession),
    isChainable: true,
    withSchemaLock: (work) => use((connection) => withAdvisoryLock(connection, options, work)),
    createTemplates: () => use(createTemplates),
    findTemplates: () => use(findTemplates),
    createTables: (tables) =>
      use((connection) => createTables(connection, tables, majorVersion(db.client))),
    selectVersions: (request) =>
      use(async (connection) => {
        const { rows } = await runPrepared(connection, names, selectVersions(request));
        return rows as unknown as readonly FoundVersion[];
      }),
    close: () => db.destroy(),
  };
}

type SetupDone = (error: Error | null, connection: ClientBase) => void;

function sessionSetup(options: ResolvedSqlCacheOptions, names: StatementNames) {
  return (connection: ClientBase, done: SetupDone) => {
    // The driver's types leave out the connection beneath a client.
    const { stream } = (connection as unknown as { readonly connection: { stream: Socket } })
      .connection;
    limitSilence(stream, options.silenceTimeoutMs);
    connection.query(
      sessionSettings(options.lockTimeoutMs),
      (error: Error | null, results: unknown) => {
        // The driver's types know of one result; several statements have as many.
        const last = (results as readonly QueryResult[] | undefined)?.at(-1);
        if (last?.rowCount === 0) names.giveUp();
        done(error, connection);
      },
    );
  };
}

/** As knex has found it with its first connection; 0 if it has not. */
function majorVersion(client: unknown): number {
  const { version = '' } = client as { readonly version?: string };
  return Number.parseInt(version, 10) || 0;
}

async function withAdvisoryLock<T>(
  connection: ClientBase,
  { lockTimeoutMs }: ResolvedSqlCacheOptions,
  work: () => Promise<T>,
): Promise<T> {
  // The session's lock_timeout does not hold for this: a migration may take its time.
  await connection.query(`SET lock_timeout = 0`);
  await connection.query(`SELECT pg_advisory_lock(${schemaLockKey})`);
  try {
    return await work();
  } finally {
    await connection.query(`SELECT pg_advisory_unlock(${schemaLockKey})`);
    await connection.query(`SET lock_timeout = ${lockTimeoutMs}`);
  }
}

/** Clouddriver's last migration of them makes their ids `text`; tables made before would stay behind. */
const findTemplatesText = `
  SELECT name FROM unnest($1::text[]) AS w(name)
  WHERE EXISTS (SELECT 1 FROM pg_attribute
    WHERE attrelid = to_regclass(name) AND attname = 'id' AND atttypid = 'text'::regtype)`;

async function findTemplates(connection: ClientBase): Promise<readonly string[]> {
  const found = await connection.query<{ name: string }>(findTemplatesText, [
    [resourceTemplate, relationTemplate],
  ]);
  return found.rows.map((row) => row.name);
}

function createSession(on: {
  readonly connection: ClientBase;
  readonly names: StatementNames;
  readonly statements: StatementQueue;
}): WriteSession {
  const { connection, names, statements } = on;
  const send = (statement: PgStatement) =>
    statements.run(() => {
      sendTogether(connection);
      return runPrepared(connection, names, statement);
    });
  let isPlanningOnce = false;
  const run = (statement: PgStatement) => {
    const { isPlannedOnce = false } = statement;
    if (isPlannedOnce !== isPlanningOnce && names.areGiven) {
      isPlanningOnce = isPlannedOnce;
      void send(planOnce(isPlanningOnce));
    }
    return send(statement);
  };
  const count = (statement: PgStatement) =>
    unawaited(run(statement).then(({ rowCount }) => rowCount ?? 0));
  return {
    connection,
    settled: () => statements.settled(),
    lockAccount: async (name) => {
      const [row] = (await run(lockAccount(name))).rows;
      return (
        row && {
          epoch: Number(row.epoch),
          state: row.state as string,
          commits: Number(row.commits),
        }
      );
    },
    commitUnflushed: (name) => all([run(commitUnflushed(name))]),
    upsertCheckpoints: (rows) => all(rows.map((row) => run(upsertCheckpoint(row)))),
    selectRowHeads: async (request) =>
      (await run(selectRowHeads(request))).rows.map((row) => ({
        id: row.id as string,
        bodyHash: row.body_hash as string,
        head: row.head as string | null,
      })),
    insertRows: (request) =>
      all(
        batchesIn(request).map(async (rows) => {
          const { rowCount } = await run(insertRows({ ...request, rows }));
          if (rowCount !== rows.length) throw new RowsStored();
        }),
      ),
    upsertRows: (request) =>
      all(batchesIn(request).map((rows) => run(upsertRows({ ...request, rows })))),
    deleteRows: (request) => count(deleteRows(request)),
    insertRelations: (request) => all([run(insertRelations(request))]),
    deleteRelations: (request) => all([run(deleteRelations(request))]),
    selectMemberless: async (request) =>
      (await run(selectMemberless(request))).rows.map((row) => row.id as string),
    deleteAgentRows: (request) => count(deleteAgentRows(request)),
    deleteAgentRelations: (request) => count(deleteAgentRelations(request)),
  };
}

function batchesIn({ rows }: UpsertRows): readonly UpsertRows['rows'][] {
  return [...batchesOf(rows, batchLimits, (row) => row.body.byteLength)];
}

/** Resolves when all have. */
function all(statements: readonly Promise<unknown>[]): Promise<void> {
  return unawaited(Promise.all(statements).then(() => undefined));
}
