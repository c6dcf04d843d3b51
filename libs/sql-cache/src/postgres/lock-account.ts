/** Locks an account's row until the transaction ends (primary key `name`). */
import type { PgStatement } from './pg-connection.ts';

/** One statement. */
export function lockAccount(name: string): PgStatement {
  const text = `SELECT epoch, state, commits FROM fairlead_accounts WHERE name = $1 FOR UPDATE`;
  return { text, values: [name] };
}
