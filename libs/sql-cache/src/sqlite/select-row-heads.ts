/** Reads hash and head of rows by primary key (`(id, agent)`). */
import { attributesMark } from '@fairlead/clouddriver-model';
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { SelectRowHeads, StoredRowHead } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** One row at a time, prepared once. */
export async function selectRowHeads(
  connection: SqliteConnection,
  request: SelectRowHeads,
): Promise<StoredRowHead[]> {
  const statement = connection.prepare(`
    SELECT id, body_hash, CASE
        WHEN body_hash = ?3 THEN NULL
        WHEN ?4 <> '' AND substr(body, 1, length(?4)) = ?4 THEN NULL
        ELSE substr(body, 1, max(instr(body, '${attributesMark}') - 1, 0))
      END AS head
    FROM ${quoted(request.table)} WHERE id = ?1 AND agent = ?2`);
  const heads: StoredRowHead[] = [];
  await forEachInTurns(request.wanted, (row) => {
    const start = row.head === '' ? '' : `${row.head}${attributesMark}`;
    const found = statement.get(row.id, request.agent, row.bodyHash, start);
    if (found === undefined) return;
    heads.push({
      id: found.id as string,
      bodyHash: found.body_hash as string,
      head: found.head as string | null,
    });
  });
  return heads;
}
