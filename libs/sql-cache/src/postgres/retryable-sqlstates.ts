/**
 * PostgreSQL's SQLSTATEs that say something about the database and nothing about the rows
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html).
 */
import { connectionFault, errorCode, type Fault } from '../fault.ts';

interface SqlstateMeaning {
  readonly reason: string;
  readonly connection: 'kept' | 'broken';
}

const meanings: ReadonlyMap<string, SqlstateMeaning> = new Map([
  ['40001', { reason: 'serializationFailure', connection: 'kept' }],
  ['40003', { reason: 'outcomeUnknown', connection: 'broken' }],
  ['40P01', { reason: 'deadlock', connection: 'kept' }],
  ['55P03', { reason: 'lockTimeout', connection: 'kept' }],
  ['57014', { reason: 'queryCancelled', connection: 'kept' }],
  ['25006', { reason: 'readOnly', connection: 'broken' }],
  ['25P03', { reason: 'sessionTimeout', connection: 'broken' }],
  ['25P04', { reason: 'sessionTimeout', connection: 'broken' }],
  ['57P05', { reason: 'sessionTimeout', connection: 'broken' }],
  ['57P01', { reason: 'serverShutdown', connection: 'broken' }],
  ['57P02', { reason: 'serverCrash', connection: 'broken' }],
  ['57P03', { reason: 'serverStarting', connection: 'broken' }],
  ['08000', { reason: 'connectionLost', connection: 'broken' }],
  ['08001', { reason: 'connectionRefused', connection: 'broken' }],
  ['08003', { reason: 'connectionLost', connection: 'broken' }],
  ['08004', { reason: 'connectionRefused', connection: 'broken' }],
  ['08007', { reason: 'outcomeUnknown', connection: 'broken' }],
  ['08006', { reason: 'connectionLost', connection: 'broken' }],
  ['08P01', { reason: 'protocolViolation', connection: 'broken' }],
  ['53000', { reason: 'insufficientResources', connection: 'kept' }],
  ['53100', { reason: 'diskFull', connection: 'kept' }],
  ['53200', { reason: 'outOfMemory', connection: 'kept' }],
  ['53300', { reason: 'tooManyConnections', connection: 'broken' }],
  ['53400', { reason: 'insufficientResources', connection: 'kept' }],
  ['58030', { reason: 'ioError', connection: 'broken' }],
  // A statement that was prepared before a table changed, or on another backend behind a pooler.
  ['0A000', { reason: 'planOutdated', connection: 'broken' }],
  ['26000', { reason: 'statementLost', connection: 'broken' }],
  // Of the operator's making, and for the operator to put right while we wait.
  ['28000', { reason: 'accessDenied', connection: 'broken' }],
  ['28P01', { reason: 'accessDenied', connection: 'broken' }],
  ['3D000', { reason: 'databaseMissing', connection: 'broken' }],
  ['42501', { reason: 'privilegeMissing', connection: 'kept' }],
]);

/** Every reason that stands in the table. */
export const postgresReasons: readonly string[] = [...meanings.values()].map(
  ({ reason }) => reason,
);

const undefinedTable = '42P01';

/** The meaning of an error of node-postgres. */
export function classifyPostgresError(error: unknown): Fault {
  const code = errorCode(error);
  if (code === undefinedTable) return { kind: 'missingTable' };
  const meaning = meanings.get(code);
  if (meaning !== undefined) return { kind: 'transient', ...meaning };
  return connectionFault(error) ?? { kind: 'rejected' };
}
