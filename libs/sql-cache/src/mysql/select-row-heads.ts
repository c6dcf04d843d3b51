/** Reads hash and head of rows by primary key (`cats_pk (id, agent)`). */
import type { Connection } from 'mysql2';
import type { SelectRowHeads, StoredRowHead } from '../dialect.ts';
import {
  inStatements,
  ofSmallSize,
  placeholders,
  quoted,
  selectPrepared,
} from './mysql-connection.ts';
import { attributesMark } from '@fairlead/clouddriver-model';

/** Hashes first: bodies, which lie on pages of their own, are read only where the hash differs. */
export async function selectRowHeads(
  connection: Connection,
  request: SelectRowHeads,
): Promise<StoredRowHead[]> {
  const wanted = new Map(request.wanted.map((row) => [row.id, row]));
  const hashes = await selectColumns(connection, request, {
    columns: 'id, body_hash',
    ids: [...wanted.keys()],
  });
  const changed = hashes.filter((row) => wanted.get(row.id)?.bodyHash !== row.body_hash);
  const heads = await selectColumns(connection, request, {
    columns: `id, body_hash, ${headColumn}`,
    ids: changed.map((row) => row.id),
  });
  const headById = new Map(heads.map((row) => [row.id, row.head]));
  return hashes.map((row) => {
    const head = headById.get(row.id);
    const isWanted = head === undefined || head === wanted.get(row.id)?.head;
    return { id: row.id, bodyHash: row.body_hash, head: isWanted ? null : head };
  });
}

const headColumn = `SUBSTRING_INDEX(body, '${attributesMark}', 1) AS head`;

interface HeadRow {
  readonly id: string;
  readonly body_hash: string;
  readonly head?: string;
}

async function selectColumns(
  connection: Connection,
  request: SelectRowHeads,
  part: { readonly columns: string; readonly ids: readonly string[] },
): Promise<HeadRow[]> {
  const found: HeadRow[] = [];
  for (const ids of inStatements(part.ids, ofSmallSize)) {
    const text = `
      SELECT ${part.columns} FROM ${quoted(request.table)}
      WHERE agent = ? AND id IN (${placeholders(ids.length)})`;
    const values = [request.agent, ...ids];
    found.push(...((await selectPrepared(connection, { text, values })) as HeadRow[]));
  }
  return found;
}
