/** Which logical ids have no member left (index `id_idx (id)` of the relation table). */
import { quoted, type PgStatement } from './pg-connection.ts';
import type { SelectMemberless } from '../dialect.ts';
import { textArray } from './binary-array.ts';

/**
 * Members of other agents, which are other accounts, do not count. `|| ''` keeps the planner from
 * the index on `rel_agent`: for each id it would read all that the agent has.
 */
export function selectMemberless(request: SelectMemberless): PgStatement {
  const text = `
    SELECT w.id FROM unnest($1::text[]) AS w(id)
    WHERE NOT EXISTS (
      SELECT 1 FROM ${quoted(request.relationTable)} AS r
      WHERE r.id = w.id AND r.rel_agent || '' = $2
    )`;
  return { text, values: [textArray(request.ids), request.relAgent] };
}
