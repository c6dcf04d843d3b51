/** Deletes rows by primary key (`cats_pk (id, agent)`): never another agent's row of the same id. */
import {
  changePrepared,
  inStatements,
  ofSmallSize,
  placeholders,
  quoted,
} from './mysql-connection.ts';
import type { Connection } from 'mysql2';
import type { DeleteRows } from '../dialect.ts';

/** Gives the number of rows that were there. */
export async function deleteRows(connection: Connection, request: DeleteRows): Promise<number> {
  let deleted = 0;
  for (const ids of inStatements(request.ids, ofSmallSize)) {
    const text = `
      DELETE FROM ${quoted(request.table)}
      WHERE agent = ? AND id IN (${placeholders(ids.length)})`;
    deleted += await changePrepared(connection, { text, values: [request.agent, ...ids] });
  }
  return deleted;
}
