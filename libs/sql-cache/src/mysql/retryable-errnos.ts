/**
 * MySQL's and MariaDB's error numbers that say something about the database and nothing about the
 * rows (https://dev.mysql.com/doc/mysql-errors/8.0/en/server-error-reference.html).
 */
import { connectionFault, errorCode, type Fault } from '../fault.ts';

interface ErrnoMeaning {
  readonly reason: string;
  readonly connection: 'kept' | 'broken';
}

const meanings: ReadonlyMap<number, ErrnoMeaning> = new Map([
  [1213, { reason: 'deadlock', connection: 'kept' }],
  [1205, { reason: 'lockTimeout', connection: 'kept' }],
  [1020, { reason: 'serializationFailure', connection: 'kept' }],
  [1412, { reason: 'tableChanged', connection: 'kept' }],
  [1615, { reason: 'statementLost', connection: 'kept' }],
  [1461, { reason: 'tooManyStatements', connection: 'broken' }],
  [1317, { reason: 'queryCancelled', connection: 'kept' }],
  [1969, { reason: 'queryCancelled', connection: 'kept' }],
  [3024, { reason: 'queryCancelled', connection: 'kept' }],
  [1040, { reason: 'tooManyConnections', connection: 'broken' }],
  [1203, { reason: 'tooManyConnections', connection: 'broken' }],
  [1226, { reason: 'tooManyConnections', connection: 'broken' }],
  [1637, { reason: 'tooManyTransactions', connection: 'kept' }],
  [1053, { reason: 'serverShutdown', connection: 'broken' }],
  [1079, { reason: 'serverShutdown', connection: 'broken' }],
  [1927, { reason: 'connectionLost', connection: 'broken' }],
  [2006, { reason: 'connectionLost', connection: 'broken' }],
  [2013, { reason: 'connectionLost', connection: 'broken' }],
  [4031, { reason: 'sessionTimeout', connection: 'broken' }],
  [1152, { reason: 'connectionLost', connection: 'broken' }],
  [1158, { reason: 'connectionLost', connection: 'broken' }],
  [1159, { reason: 'connectionTimeout', connection: 'broken' }],
  [1160, { reason: 'connectionLost', connection: 'broken' }],
  [1161, { reason: 'connectionTimeout', connection: 'broken' }],
  [1290, { reason: 'readOnly', connection: 'broken' }],
  [1792, { reason: 'readOnly', connection: 'broken' }],
  [1836, { reason: 'readOnly', connection: 'broken' }],
  [1026, { reason: 'diskFull', connection: 'kept' }],
  [1021, { reason: 'diskFull', connection: 'kept' }],
  [1114, { reason: 'diskFull', connection: 'kept' }],
  [1037, { reason: 'outOfMemory', connection: 'kept' }],
  [1038, { reason: 'outOfMemory', connection: 'kept' }],
  [1041, { reason: 'outOfMemory', connection: 'kept' }],
  // Of the operator's making, and for the operator to put right while we wait.
  [1044, { reason: 'accessDenied', connection: 'broken' }],
  [1045, { reason: 'accessDenied', connection: 'broken' }],
  [1698, { reason: 'accessDenied', connection: 'broken' }],
  [1129, { reason: 'accessDenied', connection: 'broken' }],
  [1130, { reason: 'accessDenied', connection: 'broken' }],
  [1049, { reason: 'databaseMissing', connection: 'broken' }],
  [1142, { reason: 'privilegeMissing', connection: 'kept' }],
  [1227, { reason: 'privilegeMissing', connection: 'kept' }],
]);

/** Every reason that stands in the table. */
export const mysqlReasons: readonly string[] = [...meanings.values()].map(({ reason }) => reason);

const noSuchTable = 1146;

/** The meaning of an error of mysql2. */
export function classifyMysqlError(error: unknown): Fault {
  const errno = errnoOf(error);
  if (errno === noSuchTable) return { kind: 'missingTable' };
  const meaning = meanings.get(errno);
  if (meaning !== undefined) return { kind: 'transient', ...meaning };
  if (isLost(error)) return { kind: 'transient', reason: 'connectionLost', connection: 'broken' };
  return connectionFault(error) ?? { kind: 'rejected' };
}

/** mysql2 gives its own errors of the connection no number. */
function isLost(error: unknown): boolean {
  return lostCodes.has(errorCode(error));
}

const lostCodes: ReadonlySet<string> = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
]);

/** Errors of sockets carry the operating system's number, which is negative. */
function errnoOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('errno' in error)) return 0;
  return typeof error.errno === 'number' ? error.errno : 0;
}
