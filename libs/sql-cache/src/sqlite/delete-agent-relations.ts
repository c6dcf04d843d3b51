/** Deletes some relation rows of an agent, whichever (index on `rel_agent`). */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { DeleteAgentRelations } from '../dialect.ts';

/** `DELETE` knows no `LIMIT` here: rows are found first, by their place in the table. */
export function deleteAgentRelations(
  connection: SqliteConnection,
  request: DeleteAgentRelations,
): number {
  const table = quoted(request.table);
  const statement = connection.prepare(`
    DELETE FROM ${table}
    WHERE rowid IN (SELECT rowid FROM ${table} WHERE rel_agent = ? LIMIT ?)`);
  return Number(statement.run(request.relAgent, request.limit).changes);
}
