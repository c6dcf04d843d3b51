/**
 * Byte credits of one account in one registration: the bridge grants them, batches spend them. A
 * batch may go out while the balance is above zero and may take it below.
 */

/** The balance, and those who wait for it. */
export class AccountCredit {
  #balance: number;
  readonly #waiters = new Set<() => void>();

  constructor(bytes: number) {
    this.#balance = bytes;
  }

  /** Bytes that may still be sent; zero or less: none. */
  get balanceBytes(): number {
    return this.#balance;
  }

  /** More from the bridge. */
  grant(bytes: number): void {
    this.#balance += bytes;
    this.#wake();
  }

  /** A batch goes out. */
  spend(bytes: number): void {
    this.#balance -= bytes;
  }

  /**
   * Resolves while the balance is above zero, or when `signal` aborts. Waiters are let through one
   * by one, in the order they came, each seeing what the one before it spent.
   */
  async whenPositive(signal: AbortSignal): Promise<void> {
    while (this.#balance <= 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiters.delete(wake);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiters.add(wake);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    // Passes the turn on. The caller's continuation is queued before the next waiter's, so a caller
    // that spends without awaiting first has spent when the next one looks at the balance.
    queueMicrotask(() => this.#wake());
  }

  #wake(): void {
    if (this.#balance <= 0) return;
    const [first] = this.#waiters;
    first?.();
  }
}
