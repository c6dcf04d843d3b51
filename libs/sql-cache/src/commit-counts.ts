/**
 * Which commits the database must know of: those that did not wait for the disk are counted in the
 * account's row, and a row that counts fewer than this process has made has lost them.
 */
import type { LockedAccount } from './dialect.ts';
import { SqlCacheError } from './sql-cache-error.ts';

type Count = Pick<LockedAccount, 'epoch' | 'commits'>;

/** What this process has committed, by account. */
export class CommitCounts {
  readonly #least = new Map<string, Count>();

  /**
   * Compares an account's row. Under another epoch everything begins anew.
   * @throws SqlCacheError `commitsLost`
   */
  check(account: string, row: Count): void {
    const least = this.#least.get(account);
    if (least?.epoch !== row.epoch || row.commits >= least.commits) return;
    const lost = least.commits - row.commits;
    const message = `the database has lost ${lost} or more commits of account ${account}`;
    throw new SqlCacheError('commitsLost', message);
  }

  /** From now on the account's row must count as much as this one; answers may come out of order. */
  expect(account: string, row: Count): void {
    const least = this.#least.get(account);
    if (least?.epoch === row.epoch && least.commits > row.commits) return;
    this.#least.set(account, { epoch: row.epoch, commits: row.commits });
  }

  /** The account is gone. */
  forget(account: string): void {
    this.#least.delete(account);
  }
}
