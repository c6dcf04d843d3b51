/** MariaDB's databases: created, dropped, and asked whether the server is there. */
import { createConnection, type Connection, type RowDataPacket } from 'mysql2/promise';
import type { SqlAdministration, SqlRow } from './sql-server.ts';

/** A starting server may accept a connection and then say nothing. */
const connectTimeoutMs = 2_000;

/** Statements for MariaDB; MySQL understands them, too. */
export const mariaDbAdministration: SqlAdministration = {
  dialect: 'mariadb',
  ping: (serverUrl) => withConnection(serverUrl, (connection) => connection.ping()),
  create: (serverUrl, name) =>
    withConnection(serverUrl, async (connection) => {
      await connection.query(`CREATE DATABASE \`${name}\``);
    }),
  query: (url, statement) =>
    withConnection(url, async (connection) => {
      const [rows] = await connection.query(statement);
      return Array.isArray(rows) ? (rows as readonly SqlRow[]) : [];
    }),
  drop: (serverUrl, name) =>
    withConnection(serverUrl, async (connection) => {
      await endConnections(connection, name);
      await connection.query(`DROP DATABASE IF EXISTS \`${name}\``);
    }),
};

/** An open transaction on a table would make DROP DATABASE wait for ever. */
async function endConnections(connection: Connection, name: string): Promise<void> {
  const [rows] = await connection.query<(RowDataPacket & { id: number })[]>(
    'SELECT id FROM information_schema.processlist WHERE db = ?',
    [name],
  );
  for (const { id } of rows) {
    // It may have ended by itself since.
    await connection.query('KILL CONNECTION ?', [id]).catch(() => undefined);
  }
}

async function withConnection<T>(
  uri: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await createConnection({ uri, connectTimeout: connectTimeoutMs });
  try {
    return await work(connection);
  } finally {
    connection.destroy();
  }
}
