/** Deletes some rows of an agent, whichever (index `agent_body_hash_idx (agent, body_hash)`). */
import { quoted, runText } from './mysql-connection.ts';
import { escape, type Connection, type ResultSetHeader } from 'mysql2';
import type { DeleteAgentRows } from '../dialect.ts';

/** Gives the number of rows. Not prepared: `LIMIT` takes no parameter of the kind mysql2 sends. */
export async function deleteAgentRows(
  connection: Connection,
  request: DeleteAgentRows,
): Promise<number> {
  const result: unknown = await runText(
    connection,
    `DELETE FROM ${quoted(request.table)}
     WHERE agent = ${escape(request.agent)} LIMIT ${request.limit}`,
  );
  return (result as ResultSetHeader).affectedRows;
}
