/** Inserts the relation rows that are not there yet (primary key `uuid`, made from the content). */
import { changePrepared, inStatements, ofSmallSize, quoted, rowsOf } from './mysql-connection.ts';
import type { Connection } from 'mysql2';
import type { InsertRelations } from '../dialect.ts';

/** `INSERT IGNORE` would also ignore values that are cut off. */
export async function insertRelations(
  connection: Connection,
  request: InsertRelations,
): Promise<void> {
  const { relAgent, relType, nowMs } = request;
  for (const rows of inStatements(request.rows, ofSmallSize)) {
    const text = `
      INSERT INTO ${quoted(request.table)} (uuid, id, rel_id, rel_agent, rel_type, last_updated)
      VALUES ${rowsOf('?, ?, ?, ?, ?, ?', rows.length)}
      ON DUPLICATE KEY UPDATE uuid = VALUES(uuid)`;
    const values = rows.flatMap((row) => [row.uuid, row.id, row.relId, relAgent, relType, nowMs]);
    await changePrepared(connection, { text, values });
  }
}
