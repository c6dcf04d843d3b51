/** Deletes rows by primary key (`cats_pk (id, agent)`): never another agent's row of the same id. */
import type { DeleteRows } from '../dialect.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { textArray } from './binary-array.ts';

/** One statement for a batch. */
export function deleteRows(request: DeleteRows): PgStatement {
  const text = `
    DELETE FROM ${quoted(request.table)} WHERE id = ANY($1::text[]) AND agent = $2`;
  return { text, values: [textArray(request.ids), request.agent] };
}
