/**
 * Bounds the bytes that the agent holds: queued and sent-but-unacknowledged, per account and in
 * all. An account may always use its share, so that accounts whose batches are not acknowledged
 * cannot starve the others; only what is above the shares is taken from a common pool.
 *
 * Bytes are taken without asking and room is asked for afterwards: each feed stops after the delta
 * that filled the budget, so the bound is exceeded by at most one object per feed, and an object
 * larger than the whole budget passes alone.
 */

/** Limits of a {@link ByteBudget}, in bytes. */
export interface ByteBudgetLimits {
  /** Of all accounts together. */
  readonly totalBytes: number;
  /** Of one account; the total is the limit when it is smaller. */
  readonly accountBytes: number;
}

interface Waiter {
  readonly account: string;
  readonly wake: () => void;
}

/** Counts bytes and wakes those who wait for room. */
export class ByteBudget {
  #limits: ByteBudgetLimits;
  #accounts = 1;
  readonly #used = new Map<string, number>();
  #total = 0;
  #pooled = 0;
  readonly #waiters = new Set<Waiter>();

  constructor(limits: ByteBudgetLimits) {
    this.#limits = limits;
  }

  /** Bytes held now, of all accounts. */
  get usedBytes(): number {
    return this.#total;
  }

  /** Bytes held now for `account`. */
  usedBy(account: string): number {
    return this.#used.get(account) ?? 0;
  }

  /** New limits, or another number of accounts to share between; waiters are looked at anew. */
  configure(limits: ByteBudgetLimits, accounts: number): void {
    this.#limits = limits;
    this.#accounts = Math.max(1, accounts);
    this.#recount();
    this.#wakeWaiters();
  }

  /** Counts bytes that an account holds from now on. */
  take(account: string, bytes: number): void {
    this.#change(account, bytes);
  }

  /** Counts bytes that it no longer holds. */
  release(account: string, bytes: number): void {
    this.#change(account, -bytes);
    this.#wakeWaiters();
  }

  /** Whether the account may read on. */
  hasRoom(account: string): boolean {
    const used = this.usedBy(account);
    if (used < this.#share()) return true;
    const { totalBytes, accountBytes } = this.#limits;
    return used < Math.min(accountBytes, totalBytes) && this.#pooled < totalBytes / 2;
  }

  /** Resolves when the account has room, at once if it has; also when `signal` aborts. */
  whenRoom(account: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.hasRoom(account)) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(waiter);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const waiter = { account, wake };
      this.#waiters.add(waiter);
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** What each account may use whatever the others do: half the total, split evenly. */
  #share(): number {
    const { totalBytes, accountBytes } = this.#limits;
    return Math.min(accountBytes, totalBytes / 2 / this.#accounts);
  }

  #change(account: string, bytes: number): void {
    const before = this.usedBy(account);
    const after = before + bytes;
    const share = this.#share();
    this.#total += bytes;
    this.#pooled += Math.max(0, after - share) - Math.max(0, before - share);
    if (after === 0) this.#used.delete(account);
    else this.#used.set(account, after);
  }

  #recount(): void {
    const share = this.#share();
    this.#pooled = 0;
    for (const used of this.#used.values()) this.#pooled += Math.max(0, used - share);
  }

  #wakeWaiters(): void {
    for (const waiter of [...this.#waiters]) {
      if (this.hasRoom(waiter.account)) waiter.wake();
    }
  }
}
