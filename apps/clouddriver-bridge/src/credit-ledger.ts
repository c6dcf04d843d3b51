/**
 * How many bytes each account's agent may send before the database has taken what came. Of each
 * account: balance (what the agent may still send) + held (what came and is not committed) never
 * passes its share, but for one batch: an agent may send while its balance is above zero.
 */

/** Sizes in bytes before compression. */
export interface CreditLimits {
  /** All accounts together. */
  readonly totalBytes: number;
  /** Most that one account gets. */
  readonly perAccountBytes: number;
  /** Least that one account gets, however many there are. */
  readonly leastBytes: number;
}

interface Share {
  balance: number;
  held: number;
}

/** Keeps the balances of all accounts that are fed. */
export class CreditLedger {
  readonly #limits: CreditLimits;
  readonly #shares = new Map<string, Share>();

  constructor(limits: CreditLimits) {
    this.#limits = limits;
  }

  /** Bytes that came and are not committed, of all accounts. */
  get heldBytes(): number {
    let sum = 0;
    for (const { held } of this.#shares.values()) sum += held;
    return sum;
  }

  /** The most that all accounts together may hold. */
  get limitBytes(): number {
    return this.#limits.totalBytes;
  }

  /** Begins anew for an account; answers its first balance. */
  open(account: string): number {
    const share = { balance: 0, held: 0 };
    this.#shares.set(account, share);
    share.balance = this.#shareBytes();
    return share.balance;
  }

  /** A batch begins to arrive. `false`: the agent had no balance left, so it breaks the contract. */
  charge(account: string, bytes: number): boolean {
    const share = this.#shares.get(account);
    if (share === undefined || share.balance <= 0) return false;
    share.balance -= bytes;
    share.held += bytes;
    return true;
  }

  /**
   * Bytes are committed; answers what to give back to the agent. That is less when more accounts
   * have come meanwhile, and more when some have gone.
   */
  settle(account: string, bytes: number): number {
    const share = this.#shares.get(account);
    if (share === undefined) return 0;
    share.held -= bytes;
    const credit = Math.max(0, this.#shareBytes() - share.balance - share.held);
    share.balance += credit;
    return credit;
  }

  /** The account is fed no longer. */
  close(account: string): void {
    this.#shares.delete(account);
  }

  #shareBytes(): number {
    const { totalBytes, perAccountBytes, leastBytes } = this.#limits;
    const even = Math.floor(totalBytes / Math.max(1, this.#shares.size));
    return Math.max(leastBytes, Math.min(perAccountBytes, even));
  }
}
