/** Which logical ids have no member left (index `id_idx (id)` of the relation table). */
import {
  inStatements,
  ofSmallSize,
  placeholders,
  quoted,
  selectPrepared,
} from './mysql-connection.ts';
import type { Connection } from 'mysql2';
import type { SelectMemberless } from '../dialect.ts';

/** Members of other agents, which are other accounts, do not count. */
export async function selectMemberless(
  connection: Connection,
  request: SelectMemberless,
): Promise<string[]> {
  const withMembers = new Set<string>();
  for (const ids of inStatements(request.ids, ofSmallSize)) {
    const text = `
      SELECT DISTINCT id FROM ${quoted(request.relationTable)}
      WHERE rel_agent = ? AND id IN (${placeholders(ids.length)})`;
    const rows = await selectPrepared(connection, { text, values: [request.relAgent, ...ids] });
    for (const row of rows) withMembers.add((row as { readonly id: string }).id);
  }
  return request.ids.filter((id) => !withMembers.has(id));
}
