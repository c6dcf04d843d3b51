/**
 * The three databases that every integration test runs on, each with a database of its own and a
 * way to look at the rows from outside.
 */
import { DatabaseSync } from 'node:sqlite';
import { mkdtemp, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';
import { acquireMariaDb, acquirePostgres, isUnavailable } from '@fairlead/testbed';
import type { SqlClock } from '../src/index.ts';

/** A database for one test file. */
export interface TestDatabase extends AsyncDisposable {
  readonly url: string;
  /** Runs SQL on a connection of its own. */
  query(sql: string): Promise<Record<string, unknown>[]>;
}

/** One kind of database. */
export interface Target {
  readonly name: 'sqlite' | 'postgres' | 'mysql';
  readonly isUnavailable: boolean;
  /** Starts or finds a server and makes a database. */
  readonly create: () => Promise<TestDatabase>;
  /** Statements after which no row whose id holds `poison` can be inserted into the table. */
  readonly poison: (table: string) => readonly string[];
}

/** Longest start of a server on a busy machine. */
export const serverStartMs = 120_000;

/** Real time, but pauses between retries are cut short. */
export const testClock: SqlClock = {
  nowMs: () => Date.now(),
  sleep: (ms, signal) => sleep(Math.min(ms, 20), undefined, { signal }),
};

/** All targets; those without a server on this machine say so. */
export const targets: readonly Target[] = [
  {
    name: 'sqlite',
    isUnavailable: false,
    create: createSqlite,
    poison: (table) => [
      `CREATE TRIGGER poison BEFORE INSERT ON ${table} WHEN NEW.id LIKE '%poison%'
       BEGIN SELECT RAISE(ABORT, 'poisoned'); END`,
    ],
  },
  {
    name: 'postgres',
    isUnavailable: isUnavailable('postgres'),
    create: createPostgres,
    poison: (table) => [
      `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'poisoned' USING ERRCODE = '22000'; END $$`,
      `CREATE TRIGGER poison BEFORE INSERT ON ${table} FOR EACH ROW
       WHEN (NEW.id LIKE '%poison%') EXECUTE PROCEDURE refuse()`,
    ],
  },
  {
    name: 'mysql',
    isUnavailable: isUnavailable('mariadb'),
    create: createMysql,
    poison: (table) => [
      `CREATE TRIGGER poison BEFORE INSERT ON ${table} FOR EACH ROW
       IF NEW.id LIKE '%poison%' THEN
         SIGNAL SQLSTATE '22000' SET MESSAGE_TEXT = 'poisoned';
       END IF`,
    ],
  },
];

async function createSqlite(): Promise<TestDatabase> {
  const directory = await mkdtemp(join(tmpdir(), 'fairlead-cache-'));
  const database = new DatabaseSync(join(directory, 'fairlead.sqlite'), { timeout: 5000 });
  return {
    url: `embedded:${directory}`,
    query: async (sql) => Promise.resolve(database.prepare(sql).all()),
    [Symbol.asyncDispose]: async () => {
      database.close();
      await rm(directory, { recursive: true });
    },
  };
}

async function createPostgres(): Promise<TestDatabase> {
  const server = await acquirePostgres();
  const { url } = await server.createDatabase();
  return {
    url,
    query: (sql) => queryPostgres(url, sql),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function createMysql(): Promise<TestDatabase> {
  const server = await acquireMariaDb();
  const { url } = await server.createDatabase();
  return {
    url,
    query: (sql) => queryMysql(url, sql),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Runs SQL on a PostgreSQL. */
export async function queryPostgres(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Runs SQL on a MySQL. */
export async function queryMysql(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await createConnection({ uri: url, charset: 'utf8mb4' });
  try {
    const [rows] = await connection.query(sql);
    return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
  } finally {
    await connection.end();
  }
}
