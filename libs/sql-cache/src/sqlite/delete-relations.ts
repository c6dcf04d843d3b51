/** Deletes relation rows by primary key (`uuid`). */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { DeleteRelations } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** One row at a time, prepared once. */
export async function deleteRelations(
  connection: SqliteConnection,
  request: DeleteRelations,
): Promise<void> {
  const statement = connection.prepare(`DELETE FROM ${quoted(request.table)} WHERE uuid = ?`);
  await forEachInTurns(request.uuids, (uuid) => {
    statement.run(uuid);
  });
}
