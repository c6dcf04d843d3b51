/** Locks an account's row until the transaction ends (primary key `name`). */
import type { FenceGuard } from '../dialect.ts';
import type { PgStatement } from './pg-connection.ts';

/** One statement. */
export function lockAccount(name: string): PgStatement {
  const text = `SELECT epoch, state, commits FROM fairlead_accounts WHERE name = $1 FOR UPDATE`;
  return { text, values: [name] };
}

/** No account's row counts so few. */
const anyCount = -1;

/**
 * The same as a fence: it is open, until the transaction ends, if the row is as its writer expects it.
 * A `WITH` that locks rows is evaluated by itself, and once for what a row has become meanwhile.
 * @see https://www.postgresql.org/docs/current/queries-with.html
 */
export function openFence(name: string, { epoch, commits }: FenceGuard): PgStatement {
  const text = `
    WITH account AS (
      SELECT epoch, state, commits FROM fairlead_accounts WHERE name = $1 FOR UPDATE)
    SELECT epoch, state, commits, set_config('fairlead.fence', CASE
      WHEN epoch = $2::bigint AND $3::bigint IN (commits, ${anyCount}) THEN 'open'
      ELSE 'closed' END, true)
    FROM account`;
  return { text, values: [name, epoch, commits ?? anyCount] };
}

/**
 * For sessions that are guarded: holds in a transaction whose fence is open, and nowhere else. What is
 * sent before the fence has answered inserts nothing if it finds it closed, or finds no transaction.
 */
export function insideFence(isGuarded: boolean): string {
  return isGuarded ? `WHERE current_setting('fairlead.fence', true) = 'open'` : '';
}
