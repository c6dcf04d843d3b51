/** Inserts rows, or updates those whose hash differs (`cats_pk (id, agent)`). */
import type { Connection } from 'mysql2';
import type { BodyRow, UpsertRows } from '../dialect.ts';
import { changePrepared, inStatements, quoted, rowsOf } from './mysql-connection.ts';

/**
 * `body_hash` is assigned last: assignments are made in order, and the others ask for the old one.
 * `VALUES()` is what both MySQL and MariaDB understand.
 */
export async function upsertRows(connection: Connection, request: UpsertRows): Promise<void> {
  const { agent, nowMs } = request;
  const sizeOf = (row: BodyRow) => row.body.byteLength;
  for (const rows of inStatements(request.rows, sizeOf)) {
    const text = `
      INSERT INTO ${quoted(request.table)} (id, agent, body_hash, body, last_updated)
      VALUES ${rowsOf('?, ?, ?, ?, ?', rows.length)}
      ON DUPLICATE KEY UPDATE
        body = IF(body_hash = VALUES(body_hash), body, VALUES(body)),
        last_updated = IF(body_hash = VALUES(body_hash), last_updated, VALUES(last_updated)),
        body_hash = VALUES(body_hash)`;
    const values = rows.flatMap((row) => [
      row.id,
      agent,
      row.bodyHash,
      Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength),
      nowMs,
    ]);
    await changePrepared(connection, { text, values });
  }
}
