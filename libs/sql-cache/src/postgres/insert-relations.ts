/** Inserts the relation rows that are not there yet (primary key `uuid`, made from the content). */
import type { InsertRelations } from '../dialect.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { rowsOfArrays } from './rows-of-arrays.ts';
import { textArray } from './binary-array.ts';

/** One statement for a batch. */
export function insertRelations(request: InsertRelations): PgStatement {
  const text = `
    INSERT INTO ${quoted(request.table)} (uuid, id, rel_id, rel_agent, rel_type, last_updated)
    SELECT i.uuid, i.id, i.rel_id, $1, $2, $3::bigint
    FROM ${rowsOfArrays(4, ['uuid', 'id', 'rel_id'])} AS i
    ON CONFLICT (uuid) DO NOTHING`;
  const uuids = textArray(request.rows.map((row) => row.uuid));
  const ids = textArray(request.rows.map((row) => row.id));
  const relIds = textArray(request.rows.map((row) => row.relId));
  const values = [request.relAgent, request.relType, request.nowMs, uuids, ids, relIds];
  return { text, values, isPlannedOnce: true };
}
