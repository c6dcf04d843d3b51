/** Deletes rows by primary key (`(id, agent)`): never another agent's row of the same id. */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { DeleteRows } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** Gives the number of rows that were there. */
export async function deleteRows(
  connection: SqliteConnection,
  request: DeleteRows,
): Promise<number> {
  const statement = connection.prepare(
    `DELETE FROM ${quoted(request.table)} WHERE id = ? AND agent = ?`,
  );
  let deleted = 0;
  await forEachInTurns(request.ids, (id) => {
    deleted += Number(statement.run(id, request.agent).changes);
  });
  return deleted;
}
