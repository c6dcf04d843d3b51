/** Deletes some relation rows of an agent, whichever (index `rel_agent_idx (rel_agent)`). */
import { quoted, type PgStatement } from './pg-connection.ts';
import type { DeleteAgentRelations } from '../dialect.ts';

/** `DELETE` knows no `LIMIT` here: rows are found first, by their place in the table. */
export function deleteAgentRelations(request: DeleteAgentRelations): PgStatement {
  const table = quoted(request.table);
  const text = `
    DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE rel_agent = $1 LIMIT $2::bigint
    ))`;
  return { text, values: [request.relAgent, request.limit] };
}
