/**
 * What a driver's error means for the work that met it. Each dialect has its own table of codes;
 * the errors of sockets and of the pool are the same for all and stand here.
 */
import { SqlCacheError } from './sql-cache-error.ts';

/** What to do about an error. */
export type Fault =
  | /** Run the work again after a pause: the database's condition, not the work, is the cause. */ {
      readonly kind: 'transient';
      /** Name of the cause, from a bounded set. */
      readonly reason: string;
      /** Whether the connection is of no more use. */
      readonly connection: 'kept' | 'broken';
    }
  | /** A table is not there (any more): make it and run the work again. */ {
      readonly kind: 'missingTable';
    }
  | /** What was sent is refused, and would be again. */ { readonly kind: 'rejected' };

/** An error that this room understands. */
export type Classify = (error: unknown) => Fault;

/** Connections that could not be made or did not last, as Node names them. */
const socketCodes: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connectionRefused'],
  ['ECONNRESET', 'connectionLost'],
  ['EPIPE', 'connectionLost'],
  ['ECONNABORTED', 'connectionLost'],
  ['ETIMEDOUT', 'connectionTimeout'],
  ['EHOSTUNREACH', 'hostUnreachable'],
  ['ENETUNREACH', 'hostUnreachable'],
  ['ENOTFOUND', 'nameNotResolved'],
  ['EAI_AGAIN', 'nameNotResolved'],
  ['ENOENT', 'connectionRefused'],
]);

/** Drivers report these without a code. */
const codelessMessages: readonly (readonly [fragment: string, reason: string])[] = [
  ['Connection terminated', 'connectionLost'],
  ['connection error and is not queryable', 'connectionLost'],
  ['Client was closed', 'connectionLost'],
  ['timeout expired', 'connectionTimeout'],
  ['Connection lost', 'connectionLost'],
  ['closed state', 'connectionLost'],
  ['Timeout acquiring a connection', 'poolTimeout'],
];

/** Every reason of an error that comes from below SQL. */
export const connectionReasons: readonly string[] = [
  ...socketCodes.values(),
  ...codelessMessages.map(([, reason]) => reason),
];

/** The meaning of an error that comes from below SQL, if it is one. */
export function connectionFault(error: unknown): Fault | undefined {
  const reason = socketCodes.get(errorCode(error)) ?? codelessReason(error);
  return reason === undefined ? undefined : { kind: 'transient', reason, connection: 'broken' };
}

/** The `code` of an error, `''` if it has none. */
export function errorCode(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** The message of an error, of whichever realm its class is. */
export function errorMessage(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('message' in error)) return String(error);
  return typeof error.message === 'string' ? error.message : '';
}

/**
 * Wraps a driver's error. Drivers hang whole rows and statements on their errors, and those must not
 * reach a log: only the code and the beginning of the message go on.
 */
export function rejectedError(error: unknown): SqlCacheError {
  return new SqlCacheError('rejected', describeError(error), { cause: withoutData(error) });
}

/** The code and the beginning of the message of any error. */
export function describeError(error: unknown): string {
  const message = errorMessage(error);
  const code = errorCode(error);
  return `${code === '' ? '' : `${code}: `}${message.slice(0, maxMessageChars)}`;
}

/** Enough to recognise the cause, too short for a row. */
const maxMessageChars = 200;

function withoutData(error: unknown): Error {
  const clean = new Error(describeError(error));
  if (error instanceof Error && error.stack !== undefined) clean.stack = frames(error.stack);
  return clean;
}

function frames(stack: string): string {
  return stack
    .split('\n')
    .filter((line) => line.startsWith('    at '))
    .join('\n');
}

function codelessReason(error: unknown): string | undefined {
  if (error instanceof AggregateError) {
    const [first] = error.errors as readonly unknown[];
    return socketCodes.get(errorCode(first));
  }
  const message = errorMessage(error);
  return codelessMessages.find(([fragment]) => message.includes(fragment))?.[1];
}
