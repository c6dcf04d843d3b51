/** Inserts rows that are believed to be new (`cats_pk (id, agent)`). */
import type { UpsertRows } from '../dialect.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { rowsOfArrays } from './rows-of-arrays.ts';
import { textArray } from './binary-array.ts';

/**
 * One statement for a batch, with one array per column. Those that are stored already are passed over
 * and so not counted: an error would stand in the server's log.
 */
export function insertRows(request: UpsertRows): PgStatement {
  const text = `
    INSERT INTO ${quoted(request.table)} (id, agent, body_hash, body, last_updated)
    SELECT i.id, $1, i.body_hash, i.body, $2::bigint
    FROM ${rowsOfArrays(3, ['id', 'body_hash', 'body'])} AS i
    ON CONFLICT (id, agent) DO NOTHING`;
  return { text, values: rowValues(request), isPlannedOnce: true };
}

/** Agent, time, and an array for each column. */
export function rowValues({ agent, nowMs, rows }: UpsertRows): PgStatement['values'] {
  const ids = textArray(rows.map((row) => row.id));
  const hashes = textArray(rows.map((row) => row.bodyHash));
  const bodies = textArray(rows.map((row) => row.body));
  return [agent, nowMs, ids, hashes, bodies];
}
