/** Deletes some rows of an agent, whichever (index on `(agent, id)`). */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { DeleteAgentRows } from '../dialect.ts';

/** `DELETE` knows no `LIMIT` here: rows are found first, by their place in the table. */
export function deleteAgentRows(connection: SqliteConnection, request: DeleteAgentRows): number {
  const table = quoted(request.table);
  const statement = connection.prepare(`
    DELETE FROM ${table}
    WHERE rowid IN (SELECT rowid FROM ${table} WHERE agent = ? LIMIT ?)`);
  return Number(statement.run(request.agent, request.limit).changes);
}
