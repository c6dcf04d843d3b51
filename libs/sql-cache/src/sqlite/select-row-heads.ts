/** Reads hash and head of rows by primary key (`(id, agent)`). */
import { attributesMarkLiteral, headChars } from '../row-statements.ts';
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { SelectRowHeads, StoredRowHead } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** The head is left out where the hash is the wanted one: nothing will be compared with it. */
export async function selectRowHeads(
  connection: SqliteConnection,
  request: SelectRowHeads,
): Promise<StoredRowHead[]> {
  const statement = connection.prepare(`
    SELECT id, body_hash, CASE
        WHEN body_hash = ?3 THEN NULL
        WHEN instr(substr(body, 1, ${headChars}), ${attributesMarkLiteral}) > 0
        THEN substr(body, 1, instr(substr(body, 1, ${headChars}), ${attributesMarkLiteral}) - 1)
        ELSE substr(body, 1, max(instr(body, ${attributesMarkLiteral}) - 1, 0))
      END AS head
    FROM ${quoted(request.table)} WHERE id = ?1 AND agent = ?2`);
  const heads: StoredRowHead[] = [];
  await forEachInTurns(request.wanted, (row) => {
    const found = statement.get(row.id, request.agent, row.bodyHash);
    if (found === undefined) return;
    heads.push({
      id: found['id'] as string,
      bodyHash: found['body_hash'] as string,
      head: found['head'] as string | null,
    });
  });
  return heads;
}
