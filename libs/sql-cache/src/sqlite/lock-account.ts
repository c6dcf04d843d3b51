/** Reads an account's row (primary key `name`); the transaction has locked the database already. */
import type { LockedAccount } from '../dialect.ts';
import type { SqliteConnection } from './node-sqlite-client.ts';

const text = `SELECT epoch, state, commits FROM fairlead_accounts WHERE name = ?`;

/** The row, if there is one. */
export function lockAccount(connection: SqliteConnection, name: string): LockedAccount | undefined {
  const row = connection.prepare(text).get(name);
  return (
    row && {
      epoch: Number(row.epoch),
      state: row.state as string,
      commits: Number(row.commits),
    }
  );
}
