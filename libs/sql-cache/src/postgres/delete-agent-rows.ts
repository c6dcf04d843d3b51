/** Deletes some rows of an agent, whichever (index `agent_body_hash_idx (agent, body_hash)`). */
import { quoted, type PgStatement } from './pg-connection.ts';
import type { DeleteAgentRows } from '../dialect.ts';

/** `DELETE` knows no `LIMIT` here: rows are found first, by their place in the table. */
export function deleteAgentRows(request: DeleteAgentRows): PgStatement {
  const table = quoted(request.table);
  const text = `
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE agent = $1 LIMIT $2::bigint
    ))`;
  return { text, values: [request.agent, request.limit] };
}
