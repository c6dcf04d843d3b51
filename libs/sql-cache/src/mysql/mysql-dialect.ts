/** MySQL and MariaDB: prepared statements of many rows, with buffers as parameters. */
import type { Connection } from 'mysql2';
import type { Socket } from 'node:net';
import knex from 'knex';
import type { Dialect, WriteSession } from '../dialect.ts';
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
import type { ResolvedSqlCacheOptions } from '../sql-cache-options.ts';
import { classifyMysqlError } from './retryable-errnos.ts';
import { createTables } from './create-tables.ts';
import { createTemplates } from './create-templates.ts';
import { deleteAgentRelations } from './delete-agent-relations.ts';
import { deleteAgentRows } from './delete-agent-rows.ts';
import { deleteRelations } from './delete-relations.ts';
import { deleteRows } from './delete-rows.ts';
import { insertRelations } from './insert-relations.ts';
import { insertRows } from './insert-rows.ts';
import { lockAccount } from './lock-account.ts';
import { leastPacketBytes, runText } from './mysql-connection.ts';
import { selectMemberless } from './select-memberless.ts';
import { selectRowHeads } from './select-row-heads.ts';
import { StatementsInTurn, type StatementQueue } from '../statement-queue.ts';
import { upsertCheckpoint } from './upsert-checkpoint.ts';
import { selectVersions } from './select-versions.ts';
import { upsertRows } from './upsert-rows.ts';

/** The columns of Clouddriver's templates. */
const limits: NameLimits = { table: 64, id: 352, agent: 127, relType: 64 };

/**
 * Without READ COMMITTED, readers of ranges would block each other; strict mode cuts nothing off. The
 * second timeout is for tables that somebody alters, and a year long by default. The third one, of
 * MariaDB alone, ends what a frozen process would hold for ever, before those who wait for it give up;
 * MySQL takes it for a comment.
 */
const sessionSettings = (lockTimeoutSeconds: number): readonly string[] => [
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  `SET SESSION sql_mode = CONCAT(@@sql_mode, ',STRICT_TRANS_TABLES'),
    SESSION innodb_lock_wait_timeout = ${lockTimeoutSeconds},
    SESSION lock_wait_timeout = ${lockTimeoutSeconds}
    /*M!100300, SESSION idle_transaction_timeout = ${Math.ceil(lockTimeoutSeconds / 2)} */`,
];

/** Locks are the whole server's: the database is part of the name. */
const schemaLockName = `CONCAT('fairlead:', LEFT(DATABASE(), 50))`;
/** Longer than any migration; the lock is given back when its holder dies. */
const schemaLockSeconds = 3600;

const connectTimeoutMs = 10_000;

/** Opens nothing yet; connections are made when they are needed. */
export function openMysqlDialect(options: ResolvedSqlCacheOptions): Dialect {
  const server: ServerFacts = { packetBytes: leastPacketBytes };
  const db = knex({
    client: 'mysql2',
    connection: connectionSettings(options, settingsFor),
    pool: { min: 0, max: options.poolMax, afterCreate: sessionSetup(options, server) },
    acquireConnectionTimeout: acquireTimeoutMs,
    compileSqlOnError: false,
    log: silentLog,
  });
  const deps = { knex: db, classify: classifyMysqlError };
  const use = <T>(work: (connection: Connection) => Promise<T>) =>
    useConnection(deps, (connection) => work(connection as Connection));
  const inSession: InSession = (work) =>
    use((connection) => {
      const statements = new StatementsInTurn();
      const session = createSession({ connection, statements, server });
      return inTransaction(connection, {
        run: (sql) => runText(connection, sql),
        begin: 'START TRANSACTION',
        statements,
        work: (begun) => work(session, begun),
      });
    });
  return {
    name: 'mysql',
    knex: db,
    names: createTableNames({ tableNamespace: options.tableNamespace, limits, folding: 'none' }),
    classify: classifyMysqlError,
    ...transactionsIn(inSession),
    isChainable: false,
    withSchemaLock: (work) => use((connection) => withNamedLock(connection, work)),
    createTemplates: () => use(createTemplates),
    findTemplates: () => use(findTemplates),
    createTables: (tables) => use((connection) => createTables(connection, tables)),
    selectVersions: (request) => use((connection) => selectVersions(connection, request)),
    close: () => db.destroy(),
  };
}

function settingsFor(location: string): object {
  const url = new URL(location);
  url.protocol = 'mysql:';
  return {
    uri: url.href,
    database: decodeURIComponent(url.pathname.slice(1)),
    charset: 'utf8mb4',
    connectTimeout: connectTimeoutMs,
    enableKeepAlive: true,
  };
}

/** What a server says of itself. */
interface ServerFacts {
  /** `max_allowed_packet`. */
  packetBytes: number;
}

type SetupDone = (error: Error | null, connection: Connection) => void;

function sessionSetup(
  { silenceTimeoutMs, lockTimeoutMs }: ResolvedSqlCacheOptions,
  server: ServerFacts,
) {
  return (connection: Connection, done: SetupDone) => {
    // The driver's types leave out the socket of a connection.
    limitSilence((connection as unknown as { readonly stream: Socket }).stream, silenceTimeoutMs);
    configureSession(connection, Math.ceil(lockTimeoutMs / 1000)).then(
      (facts) => {
        Object.assign(server, facts);
        done(null, connection);
      },
      (error: unknown) => done(error as Error, connection),
    );
  };
}

async function configureSession(connection: Connection, lockSeconds: number): Promise<ServerFacts> {
  for (const setting of sessionSettings(lockSeconds)) await runText(connection, setting);
  const [row] = await runText(connection, 'SELECT @@max_allowed_packet AS bytes');
  return { packetBytes: Number(row?.bytes) };
}

/** The server says with a value what it says of other locks with an error. */
function lockNotHeld(): Error {
  const errno = 1205;
  return Object.assign(new Error('the lock on the schema was not granted'), { errno });
}

async function withNamedLock<T>(connection: Connection, work: () => Promise<T>): Promise<T> {
  const query = `SELECT GET_LOCK(${schemaLockName}, ${schemaLockSeconds}) AS is_held`;
  const [row] = await runText(connection, query);
  if (Number(row?.is_held) !== 1) throw lockNotHeld();
  try {
    return await work();
  } finally {
    await runText(connection, `SELECT RELEASE_LOCK(${schemaLockName})`);
  }
}

/**
 * Clouddriver's last migration of them makes the index `application_idx`, the one before the longer
 * ids; tables made like a template that is not finished would stay behind.
 */
const findTemplatesText = `
  SELECT DISTINCT table_name AS name FROM information_schema.statistics
  WHERE table_schema = DATABASE()
    AND table_name = '${resourceTemplate}' AND index_name = 'application_idx'
  UNION
  SELECT table_name FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = '${relationTemplate}'
    AND column_name = 'rel_id' AND character_maximum_length >= ${limits.id}`;

async function findTemplates(connection: Connection): Promise<readonly string[]> {
  const rows = await runText(connection, findTemplatesText);
  return rows.map((row) => (row as { readonly name: string }).name);
}

function createSession(on: {
  readonly connection: Connection;
  readonly statements: StatementQueue;
  readonly server: ServerFacts;
}): WriteSession {
  const { connection, statements } = on;
  const run = <T>(statement: () => Promise<T>) => statements.run(statement);
  return {
    connection,
    settled: () => statements.settled(),
    lockAccount: (name) => run(() => lockAccount(connection, name)),
    upsertCheckpoints: (rows) =>
      run(async () => {
        for (const row of rows) await upsertCheckpoint(connection, row);
      }),
    selectRowHeads: (request) => run(() => selectRowHeads(connection, request)),
    insertRows: (request) => run(() => insertRows(connection, request, on.server.packetBytes)),
    upsertRows: (request) => run(() => upsertRows(connection, request, on.server.packetBytes)),
    deleteRows: (request) => run(() => deleteRows(connection, request)),
    insertRelations: (request) => run(() => insertRelations(connection, request)),
    deleteRelations: (request) => run(() => deleteRelations(connection, request)),
    selectMemberless: (request) => run(() => selectMemberless(connection, request)),
    deleteAgentRows: (request) => run(() => deleteAgentRows(connection, request)),
    deleteAgentRelations: (request) => run(() => deleteAgentRelations(connection, request)),
  };
}
