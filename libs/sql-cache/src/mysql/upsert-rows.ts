/** Inserts rows, or updates those whose hash differs (`cats_pk (id, agent)`). */
import type { Connection } from 'mysql2';
import type { BodyRow, UpsertRows } from '../dialect.ts';
import {
  changePrepared,
  inStatements,
  quoted,
  rowsOf,
  statementBytes,
} from './mysql-connection.ts';

/** What travels in a packet besides a body: id, agent, hash, numbers. */
const restBytes = 16 * 1024;

/**
 * `body_hash` is assigned last: assignments are made in order, and the others ask for the old one.
 * `VALUES()` is what both MySQL and MariaDB understand.
 */
export async function upsertRows(
  connection: Connection,
  request: UpsertRows,
  packetBytes: number,
): Promise<void> {
  const { agent, nowMs } = request;
  const sizeOf = (row: BodyRow) => row.body.byteLength;
  if (request.rows.some((row) => sizeOf(row) + restBytes > packetBytes)) throw rowTooLarge();
  for (const rows of inStatements(request.rows, sizeOf, statementBytes(packetBytes))) {
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

/** As the server would say, but that it would break the connection off on the way. */
function rowTooLarge(): Error {
  const errno = 1153;
  return Object.assign(new Error('a row is larger than max_allowed_packet'), { errno });
}
