/** Which logical ids have no member left (index on `id` of the relation table). */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { SelectMemberless } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** Members of other agents, which are other accounts, do not count. */
export async function selectMemberless(
  connection: SqliteConnection,
  request: SelectMemberless,
): Promise<string[]> {
  const statement = connection.prepare(`
    SELECT 1 FROM ${quoted(request.relationTable)} WHERE id = ? AND rel_agent = ? LIMIT 1`);
  const memberless: string[] = [];
  await forEachInTurns(request.ids, (id) => {
    if (statement.get(id, request.relAgent) === undefined) memberless.push(id);
  });
  return memberless;
}
