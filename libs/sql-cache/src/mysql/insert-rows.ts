/** Inserts rows (`cats_pk (id, agent)`). */
import type { Connection } from 'mysql2';
import type { BodyRow, UpsertRows } from '../dialect.ts';
import { RowsStored } from '../rows-stored.ts';
import {
  changePrepared,
  inStatements,
  quoted,
  rowsOf,
  statementBytes,
} from './mysql-connection.ts';

/** What travels in a packet besides a body: id, agent, hash, numbers. */
const restBytes = 16 * 1024;

/** `ER_DUP_ENTRY` (https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html). */
const duplicateErrno = 1062;

/** Inserts rows that are believed to be new. */
export async function insertRows(
  connection: Connection,
  request: UpsertRows,
  packetBytes: number,
): Promise<void> {
  try {
    await insertWith('', { connection, request, packetBytes });
  } catch (error: unknown) {
    throw isDuplicate(error) ? new RowsStored() : error;
  }
}

/** Inserts rows, with what `end` says of those that are there already. */
export async function insertWith(
  end: string,
  on: {
    readonly connection: Connection;
    readonly request: UpsertRows;
    /** The server's `max_allowed_packet`. */
    readonly packetBytes: number;
  },
): Promise<void> {
  const { connection, request, packetBytes } = on;
  const sizeOf = (row: BodyRow) => row.body.byteLength;
  if (request.rows.some((row) => sizeOf(row) + restBytes > packetBytes)) throw rowTooLarge();
  for (const rows of inStatements(request.rows, sizeOf, statementBytes(packetBytes))) {
    const text = `
      INSERT INTO ${quoted(request.table)} (id, agent, body_hash, body, last_updated)
      VALUES ${rowsOf('?, ?, ?, ?, ?', rows.length)} ${end}`;
    const values = rows.flatMap((row) => [
      row.id,
      request.agent,
      row.bodyHash,
      Buffer.from(row.body.buffer, row.body.byteOffset, row.body.byteLength),
      request.nowMs,
    ]);
    await changePrepared(connection, { text, values });
  }
}

function isDuplicate(error: unknown): boolean {
  return error instanceof Error && 'errno' in error && error.errno === duplicateErrno;
}

/** As the server would say, but that it would break the connection off on the way. */
function rowTooLarge(): Error {
  const errno = 1153;
  return Object.assign(new Error('a row is larger than max_allowed_packet'), { errno });
}
