/**
 * Has the end of the transaction not wait for the disk, and counts it in the account's row (primary
 * key `name`). What a crash can lose of such transactions are the last ones, never one without those
 * after it, and any commit that does wait takes them all to the disk.
 * @see https://www.postgresql.org/docs/current/wal-async-commit.html
 */
import type { PgStatement } from './pg-connection.ts';

const text = `
  UPDATE fairlead_accounts SET commits = commits + 1 WHERE name = $1
  RETURNING set_config('synchronous_commit', 'off', true)`;

/** One statement. */
export function commitUnflushed(name: string): PgStatement {
  return { text, values: [name] };
}
