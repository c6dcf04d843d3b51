/**
 * Transactions of one account that are on their way side by side: the next works while the database
 * works on the one before, and ends well only behind it.
 *
 * What the account's row counts tells the second whether the first is committed, and it can be told
 * nothing else: as long as the second is on its way, nobody adds to the count but the first.
 */

/** The transactions on their way, the last one of each account. */
export class CommitChains {
  readonly #last = new Map<string, ChainedCommit>();

  /** The one that the next may go behind. */
  last(account: string): ChainedCommit | undefined {
    return this.#last.get(account);
  }

  /** Runs a transaction that another may go behind. */
  async run<T>(account: string, transact: (commit: ChainedCommit) => Promise<T>): Promise<T> {
    const commit = new ChainedCommit();
    this.#last.set(account, commit);
    try {
      return await transact(commit);
    } finally {
      commit.counts(undefined);
      if (this.#last.get(account) === commit) this.#last.delete(account);
    }
  }
}

/** One of them. */
export class ChainedCommit {
  readonly #counted = Promise.withResolvers<number | undefined>();
  #follower: Promise<unknown> = Promise.resolve();
  #isFollowed = false;

  /**
   * It holds the account's row, which will count this when it is committed; `undefined` if that will
   * not be told from the row, or if it has failed. The first call holds.
   */
  counts(commits: number | undefined): void {
    this.#counted.resolve(commits);
  }

  /**
   * Runs a transaction beside this one, that ends behind it: it is told what the account's row will
   * count when this one holds the row. Resolves with `undefined` if it has come to nothing, for
   * whatever reason: it may be tried by itself. One may follow.
   */
  follow<T>(
    transact: (counted: Promise<number | undefined>) => Promise<T | undefined>,
  ): Promise<T | undefined> {
    if (this.#isFollowed) return Promise.resolve(undefined);
    this.#isFollowed = true;
    const following = transact(this.#counted.promise).catch(leftToTheCaller);
    this.#follower = following;
    return following;
  }

  /**
   * Whether the one behind it is committed, and so this one, whatever was heard of its end. Resolves
   * when nothing is on its way behind it.
   */
  async isSeenCommitted(): Promise<boolean> {
    this.counts(undefined);
    return (await this.#follower) !== undefined;
  }
}

/** Whoever tries it again by itself meets what stood in its way. */
function leftToTheCaller(): undefined {
  return undefined;
}
