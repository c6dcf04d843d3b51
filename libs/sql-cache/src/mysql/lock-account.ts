/** Locks an account's row (primary key `name`) until the transaction ends. */
import type { Connection } from 'mysql2';
import type { LockedAccount } from '../dialect.ts';
import { selectPrepared } from './mysql-connection.ts';

const text = `SELECT epoch, state, commits FROM fairlead_accounts WHERE name = ? FOR UPDATE`;

/** The row, if there is one. */
export async function lockAccount(
  connection: Connection,
  name: string,
): Promise<LockedAccount | undefined> {
  const [row] = await selectPrepared(connection, { text, values: [name] });
  return (
    row && {
      epoch: Number(row.epoch),
      state: row.state as string,
      commits: Number(row.commits),
    }
  );
}
