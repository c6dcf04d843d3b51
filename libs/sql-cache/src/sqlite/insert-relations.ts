/** Inserts the relation rows that are not there yet (primary key `uuid`, made from the content). */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { InsertRelations } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** One row at a time, prepared once. */
export async function insertRelations(
  connection: SqliteConnection,
  request: InsertRelations,
): Promise<void> {
  const statement = connection.prepare(`
    INSERT INTO ${quoted(request.table)} (uuid, id, rel_id, rel_agent, rel_type, last_updated)
    VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (uuid) DO NOTHING`);
  const { relAgent, relType, nowMs } = request;
  await forEachInTurns(request.rows, (row) => {
    statement.run(row.uuid, row.id, row.relId, relAgent, relType, nowMs);
  });
}
