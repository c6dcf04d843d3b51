/** Inserts rows, or updates those whose hash differs (`cats_pk (id, agent)`). */
import type { UpsertRows } from '../dialect.ts';
import { rowValues } from './insert-rows.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { rowsOfArrays } from './rows-of-arrays.ts';

/** One statement for a batch, with one array per column. */
export function upsertRows(request: UpsertRows): PgStatement {
  const text = `
    INSERT INTO ${quoted(request.table)} AS t (id, agent, body_hash, body, last_updated)
    SELECT i.id, $1, i.body_hash, i.body, $2::bigint
    FROM ${rowsOfArrays(3, ['id', 'body_hash', 'body'])} AS i
    ON CONFLICT (id, agent) DO UPDATE SET
      body_hash = excluded.body_hash,
      body = excluded.body,
      last_updated = excluded.last_updated
    WHERE t.body_hash <> excluded.body_hash`;
  return { text, values: rowValues(request), isPlannedOnce: true };
}
