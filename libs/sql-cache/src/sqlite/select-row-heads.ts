/** Reads hash and head of rows by primary key (`(id, agent)`). */
import { attributesMark } from '@fairlead/clouddriver-model';
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { SelectRowHeads, StoredRowHead } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/**
 * One row at a time, prepared once. Parameters stand in the order in which they are given: Node.js
 * 22.15 does not take numbered ones by their number.
 */
export async function selectRowHeads(
  connection: SqliteConnection,
  request: SelectRowHeads,
): Promise<StoredRowHead[]> {
  const statement = connection.prepare(`
    SELECT id, body_hash, CASE
        WHEN body_hash = ? THEN NULL
        WHEN ? <> '' AND substr(body, 1, length(?)) = ? THEN NULL
        ELSE substr(body, 1, max(instr(body, '${attributesMark}') - 1, 0))
      END AS head
    FROM ${quoted(request.table)} WHERE id = ? AND agent = ?`);
  const heads: StoredRowHead[] = [];
  await forEachInTurns(request.wanted, (row) => {
    const start = row.head === '' ? '' : `${row.head}${attributesMark}`;
    const found = statement.get(row.bodyHash, start, start, start, row.id, request.agent);
    if (found === undefined) return;
    heads.push({
      id: found.id as string,
      bodyHash: found.body_hash as string,
      head: found.head as string | null,
    });
  });
  return heads;
}
