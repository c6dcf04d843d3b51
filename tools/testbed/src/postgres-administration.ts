/** PostgreSQL's databases: created, dropped, and asked whether the server is there. */
import { Client } from 'pg';
import type { SqlAdministration } from './sql-server.ts';

/** A starting server may accept a connection and then say nothing. */
const connectTimeoutMs = 2_000;

/** Statements that need PostgreSQL 13 or newer (`WITH (FORCE)`). */
export const postgresAdministration: SqlAdministration = {
  dialect: 'postgres',
  ping: (serverUrl) => run(serverUrl, 'SELECT 1'),
  create: (serverUrl, name) => run(serverUrl, `CREATE DATABASE "${name}"`),
  drop: (serverUrl, name) => run(serverUrl, `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
};

async function run(connectionString: string, statement: string): Promise<void> {
  const client = new Client({ connectionString, connectionTimeoutMillis: connectTimeoutMs });
  // A server that ends while we are connected is reported by the query as well.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(statement);
  } finally {
    await client.end().catch(() => undefined);
  }
}
