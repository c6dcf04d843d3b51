/** Reads hash and head of rows by primary key (`cats_pk (id, agent)`). */
import type { SelectRowHeads } from '../dialect.ts';
import { attributesMark } from '@fairlead/clouddriver-model';
import { quoted, type PgStatement } from './pg-connection.ts';
import { textArray } from './binary-array.ts';

/**
 * `LATERAL ... OFFSET 0` keeps the planner from joining the other way round: it knows nothing of an
 * agent's number of rows, and would read them all to find these. `left` costs what `starts_with`
 * does (measured on compressed bodies), which PostgreSQL has only since version 11.
 */
export function selectRowHeads(request: SelectRowHeads): PgStatement {
  const text = `
    SELECT w.id, t.body_hash, CASE
        WHEN t.body_hash = w.body_hash THEN NULL
        WHEN w.start <> '' AND left(t.body, length(w.start)) = w.start THEN NULL
        ELSE split_part(t.body, '${attributesMark}', 1)
      END AS head
    FROM unnest($2::text[], $3::text[], $4::text[]) AS w(id, body_hash, start)
    CROSS JOIN LATERAL (
      SELECT r.body_hash, r.body FROM ${quoted(request.table)} AS r
      WHERE r.id = w.id AND r.agent = $1
      OFFSET 0
    ) AS t`;
  const ids = textArray(request.wanted.map((row) => row.id));
  const hashes = textArray(request.wanted.map((row) => row.bodyHash));
  const starts = textArray(request.wanted.map(startOf));
  return { text, values: [request.agent, ids, hashes, starts] };
}

/** With the mark, so that no head is taken for a longer one. */
function startOf(row: { readonly head: string }): string {
  return row.head === '' ? '' : `${row.head}${attributesMark}`;
}
