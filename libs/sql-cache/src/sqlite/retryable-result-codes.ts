/** SQLite's result codes that pass by themselves (https://www.sqlite.org/rescode.html). */
import { errorMessage, type Fault } from '../fault.ts';

const reasons: ReadonlyMap<number, string> = new Map([
  [5, 'busy'],
  [6, 'locked'],
  [7, 'outOfMemory'],
  // Of the operator's making, and for the operator to put right while we wait.
  [8, 'readOnly'],
  [10, 'ioError'],
  [13, 'diskFull'],
  [14, 'fileNotOpened'],
  [15, 'lockProtocol'],
]);

/** Every reason that stands in the table; those of messages are the same or `poolTimeout`. */
export const sqliteReasons: readonly string[] = [...reasons.values()];

/** Extended codes carry the primary one in their low byte. */
const primaryCode = 0xff;
const genericError = 1;

/** The meaning of an error of `node:sqlite`. */
export function classifySqliteError(error: unknown): Fault {
  const code = resultCodeOf(error);
  if (code === genericError && errorMessage(error).includes('no such table')) {
    return { kind: 'missingTable' };
  }
  const reason = reasons.get(code) ?? codelessReason(error);
  if (reason === undefined) return { kind: 'rejected' };
  return { kind: 'transient', reason, connection: 'kept' };
}

/** knex makes new errors of some, which have the message alone: of its pool, and of its migrations. */
const messages: readonly (readonly [string, string])[] = [
  ['Timeout acquiring a connection', 'poolTimeout'],
  ['database is locked', 'busy'],
  ['Migration table is already locked', 'busy'],
];

function codelessReason(error: unknown): string | undefined {
  const message = errorMessage(error);
  return messages.find(([part]) => message.includes(part))?.[1];
}

function resultCodeOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return -1;
  return typeof error.errcode === 'number' ? error.errcode & primaryCode : -1;
}
