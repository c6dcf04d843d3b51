/** Deletes some relation rows of an agent, whichever (index `rel_agent_idx (rel_agent)`). */
import { quoted, runText } from './mysql-connection.ts';
import { escape, type Connection, type ResultSetHeader } from 'mysql2';
import type { DeleteAgentRelations } from '../dialect.ts';

/** Gives the number of rows. Not prepared: `LIMIT` takes no parameter of the kind mysql2 sends. */
export async function deleteAgentRelations(
  connection: Connection,
  request: DeleteAgentRelations,
): Promise<number> {
  const result: unknown = await runText(
    connection,
    `DELETE FROM ${quoted(request.table)}
     WHERE rel_agent = ${escape(request.relAgent)} LIMIT ${request.limit}`,
  );
  return (result as ResultSetHeader).affectedRows;
}
