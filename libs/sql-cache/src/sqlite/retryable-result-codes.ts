/** SQLite's result codes that pass by themselves (https://www.sqlite.org/rescode.html). */
import { types } from 'node:util';
import type { Fault } from '../fault.ts';

const reasons: ReadonlyMap<number, string> = new Map([
  [5, 'busy'],
  [6, 'locked'],
  [7, 'outOfMemory'],
  [10, 'ioError'],
  [13, 'diskFull'],
  [15, 'lockProtocol'],
]);

/** Extended codes carry the primary one in their low byte. */
const primaryCode = 0xff;
const genericError = 1;

/** The meaning of an error of `node:sqlite`. */
export function classifySqliteError(error: unknown): Fault {
  if (!types.isNativeError(error)) return { kind: 'rejected' };
  const code = resultCodeOf(error);
  if (code === genericError && error.message.includes('no such table')) {
    return { kind: 'missingTable' };
  }
  const reason = reasons.get(code);
  if (reason !== undefined) return { kind: 'transient', reason, connection: 'kept' };
  const isPoolTimeout = error.message.includes('Timeout acquiring a connection');
  return isPoolTimeout
    ? { kind: 'transient', reason: 'poolTimeout', connection: 'kept' }
    : { kind: 'rejected' };
}

function resultCodeOf(error: Error): number {
  const code = 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & primaryCode : -1;
}
