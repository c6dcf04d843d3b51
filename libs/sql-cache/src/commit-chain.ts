/**
 * Transactions of one account that are on their way one behind the other: the next is sent while the
 * database works on the one before, and counts only if that one is committed.
 *
 * What the account's row counts tells the second whether the first is committed, and it can be told
 * nothing else: as long as the second is on its way, nobody adds to the count but the first.
 */

/** The transactions on their way, the last one of each account. */
export class CommitChains {
  readonly #last = new Map<string, ChainedCommit>();

  /** The one that the next may be sent behind. */
  last(account: string): ChainedCommit | undefined {
    return this.#last.get(account);
  }

  /** Runs a transaction that others may be sent behind. */
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
   * What the account's row will count when it is committed; `undefined` if that will not be told from
   * the row, or if it has failed. The first call holds.
   */
  counts(commits: number | undefined): void {
    this.#counted.resolve(commits);
  }

  /**
   * Sends a transaction behind this one, when it holds the account's row; resolves with `undefined` if
   * that has come to nothing, for whatever reason: it may be tried by itself. One may follow.
   */
  follow<T>(transact: (commits: number) => Promise<T | undefined>): Promise<T | undefined> {
    if (this.#isFollowed) return Promise.resolve(undefined);
    this.#isFollowed = true;
    const following = this.#counted.promise
      .then((commits) => (commits === undefined ? undefined : transact(commits)))
      .catch(leftToTheCaller);
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
