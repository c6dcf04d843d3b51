/** PostgreSQL's databases: created, dropped, and asked whether the server is there. */
import { Client } from 'pg';
import type { SqlAdministration, SqlRow } from './sql-server.ts';

/** A starting server may accept a connection and then say nothing. */
const connectTimeoutMs = 2_000;

/** Statements that PostgreSQL 10 and newer have. */
export const postgresAdministration: SqlAdministration = {
  dialect: 'postgres',
  ping: async (serverUrl) => {
    await run(serverUrl, 'SELECT 1');
  },
  create: async (serverUrl, name) => {
    await run(serverUrl, `CREATE DATABASE "${name}"`);
  },
  query: run,
  drop: async (serverUrl, name) => {
    // `WITH (FORCE)` is there since PostgreSQL 13; nobody may come in between the two statements.
    await run(serverUrl, `UPDATE pg_database SET datallowconn = false WHERE datname = '${name}'`);
    await run(
      serverUrl,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
    );
    await run(serverUrl, `DROP DATABASE IF EXISTS "${name}"`);
  },
};

async function run(connectionString: string, statement: string): Promise<readonly SqlRow[]> {
  const client = new Client({ connectionString, connectionTimeoutMillis: connectTimeoutMs });
  // A server that ends while we are connected is reported by the query as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return (await client.query<SqlRow>(statement)).rows;
  } finally {
    await client.end().catch(() => undefined);
  }
}
