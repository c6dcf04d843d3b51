/** Prepared statements on a connection of mysql2. */
import type { Connection, ResultSetHeader, RowDataPacket } from 'mysql2';

/** What a parameter may be: buffers spare the driver from escaping and from joining strings. */
export type MysqlValue = string | number | Buffer;

/** A statement and its parameters. */
export interface MysqlStatement {
  /** Complete text. */
  readonly text: string;
  /** In the order of the text's `?`. */
  readonly values: readonly MysqlValue[];
}

/**
 * Every text with another number of rows is prepared, and kept by the server, anew: these are the
 * only numbers of rows there are. 500 make a whole unit: between two statements the server waits for
 * the next one to be put together.
 */
const statementRows: readonly number[] = [500, 200, 50, 10, 1];
/** A quarter of MariaDB's default `max_allowed_packet`; more brings nothing. */
const maxStatementBytes = 4 * 1024 * 1024;
/** MySQL 5.7's default of `max_allowed_packet`, in case a server does not say. */
export const leastPacketBytes = 4 * 1024 * 1024;

/** Cuts items into numbers of rows that have a prepared statement. */
export function* inStatements<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  maxBytes = maxStatementBytes,
): Generator<readonly T[]> {
  let at = 0;
  while (at < items.length) {
    const fitting = statementRows.find((rows) => {
      const chunk = items.slice(at, at + rows);
      return chunk.length === rows && sum(chunk, bytesOf) <= maxBytes;
    });
    const rows = fitting ?? 1;
    yield items.slice(at, at + rows);
    at += rows;
  }
}

/** How many bytes of rows one statement may carry to a server that takes packets of this size. */
export function statementBytes(packetBytes: number): number {
  return Math.min(maxStatementBytes, packetBytes / 4);
}

/** For rows of a bounded size. */
export function ofSmallSize(): number {
  return 0;
}

/** `?, ?, ?` */
export function placeholders(count: number): string {
  return new Array<string>(count).fill('?').join(', ');
}

/** `(row), (row)` */
export function rowsOf(row: string, count: number): string {
  return new Array<string>(count).fill(`(${row})`).join(', ');
}

/** Quotes a name that has been made by `TableNames`. */
export function quoted(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/** Runs a prepared `SELECT`. */
export async function selectPrepared(
  connection: Connection,
  statement: MysqlStatement,
): Promise<readonly RowDataPacket[]> {
  return new Promise((resolve, reject) => {
    connection.execute<RowDataPacket[]>(statement.text, [...statement.values], (error, rows) => {
      if (error === null) resolve(rows);
      else reject(error);
    });
  });
}

/** Runs a prepared statement that changes rows; gives their number. */
export async function changePrepared(
  connection: Connection,
  statement: MysqlStatement,
): Promise<number> {
  return new Promise((resolve, reject) => {
    connection.execute<ResultSetHeader>(statement.text, [...statement.values], (error, result) => {
      if (error === null) resolve(result.affectedRows);
      else reject(error);
    });
  });
}

/** Runs a statement as it stands. */
export async function runText(connection: Connection, text: string): Promise<RowDataPacket[]> {
  return new Promise((resolve, reject) => {
    connection.query<RowDataPacket[]>(text, (error, rows) => {
      if (error === null) resolve(rows);
      else reject(error);
    });
  });
}

function sum<T>(items: readonly T[], sizeOf: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += sizeOf(item);
  return total;
}
