/** Deletes relation rows by primary key (`uuid`). */
import type { DeleteRelations } from '../dialect.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { textArray } from './binary-array.ts';

/** One statement for a batch. */
export function deleteRelations(request: DeleteRelations): PgStatement {
  const text = `DELETE FROM ${quoted(request.table)} WHERE uuid = ANY($1::text[])`;
  return { text, values: [textArray(request.uuids)] };
}
