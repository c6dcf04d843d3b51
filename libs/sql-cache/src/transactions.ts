/** The two ways into a transaction, made of the one that a dialect has. */
import type { Dialect, WriteSession } from './dialect.ts';
import { unawaited } from './statement-queue.ts';

/** Runs work in a session whose transaction may have to be waited for: before anything is written. */
export type InSession = <T>(
  work: (session: WriteSession, begun: Promise<unknown>) => Promise<T>,
) => Promise<T>;

/** `transaction` and `accountTransaction` of a dialect. */
export function transactionsIn(
  inSession: InSession,
): Pick<Dialect, 'transaction' | 'accountTransaction'> {
  return {
    transaction: (work) =>
      inSession(async (session, begun) => {
        await begun;
        return work(session);
      }),
    accountTransaction: (account, work) =>
      inSession((session, begun) => {
        const locked = Promise.all([begun, session.lockAccount(account)]).then(([, row]) => row);
        return work(session, unawaited(locked));
      }),
  };
}
