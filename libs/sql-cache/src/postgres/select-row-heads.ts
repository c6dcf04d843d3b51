/** Reads hash and head of rows by primary key (`cats_pk (id, agent)`). */
import type { SelectRowHeads } from '../dialect.ts';
import { attributesMarkLiteral, headChars } from '../row-statements.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { textArray } from './binary-array.ts';

/** The head is left out where the hash is the wanted one: nothing will be compared with it. */
export function selectRowHeads(request: SelectRowHeads): PgStatement {
  const table = quoted(request.table);
  const text = `
    SELECT t.id, t.body_hash, CASE
        WHEN t.body_hash = w.body_hash THEN NULL
        WHEN strpos(left(t.body, ${headChars}), ${attributesMarkLiteral}) > 0
        THEN split_part(left(t.body, ${headChars}), ${attributesMarkLiteral}, 1)
        ELSE split_part(t.body, ${attributesMarkLiteral}, 1)
      END AS head
    FROM unnest($2::text[], $3::text[]) AS w(id, body_hash)
    JOIN ${table} AS t ON t.id = w.id AND t.agent = $1`;
  const ids = textArray(request.wanted.map((row) => row.id));
  const hashes = textArray(request.wanted.map((row) => row.bodyHash));
  return { text, values: [request.agent, ids, hashes] };
}
