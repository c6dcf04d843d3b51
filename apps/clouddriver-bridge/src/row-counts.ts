/**
 * How many objects each account has stored. Counting is a query over all of an account's tables, so
 * it is done seldom, and the commits in between are added up.
 */

/** Asks the database. */
export type CountRows = (account: string) => Promise<ReadonlyMap<string, number>>;

interface Count {
  total: Promise<number>;
  /** `total`, once it is there; until then what was known before. */
  counted: number | undefined;
  /** Added since `total` was asked for. */
  since: number;
  readonly askedAtMs: number;
  isRunning: boolean;
  /** Something was committed while it ran, which it may have seen or not. */
  isBlurred: boolean;
}

/** How long a count is trusted, ms, which nothing was committed beside: rows may also go by hand. */
const trustMs = 300_000;

/** The same for {@link RowCounts.known} of a count that ran beside commits, which may be far off in a first list. */
const blurredTrustMs = 30_000;

/** Rows per account. */
export class RowCounts {
  readonly #countRows: CountRows;
  readonly #clock: { nowMs(): number };
  readonly #counts = new Map<string, Count>();
  /** Accounts that nobody has waited for, to be counted one after the other. */
  readonly #uncounted = new Set<string>();
  #isCounting = false;

  constructor(countRows: CountRows, clock: { nowMs(): number }) {
    this.#countRows = countRows;
    this.#clock = clock;
  }

  /** A commit has changed the number. */
  add(account: string, rows: number): void {
    const count = this.#counts.get(account);
    if (count === undefined) return;
    count.since += rows;
    if (count.isRunning && rows !== 0) count.isBlurred = true;
  }

  /** The account is no more. */
  forget(account: string): void {
    this.#counts.delete(account);
  }

  /**
   * The number as it was counted last, with what was committed since; may be off for half a minute by
   * what was committed while that count ran. Never waits: has it counted if nobody knows it.
   */
  known(account: string): number | undefined {
    const count = this.#counts.get(account);
    if (count === undefined || (!count.isRunning && this.#isOld(count))) {
      this.#uncounted.add(account);
      void this.#countAll();
    }
    return this.#last(account);
  }

  /**
   * The number now, good to what is committed while two counts run one after the other; rejects when
   * the database does not answer.
   */
  async total(account: string): Promise<number> {
    const first = this.#trusted(account);
    const total = await first.total;
    if (!first.isBlurred) return total + first.since;
    const second = this.#trusted(account);
    return (await second.total) + second.since;
  }

  #isOld({ isBlurred, askedAtMs }: Count): boolean {
    return this.#clock.nowMs() - askedAtMs >= (isBlurred ? blurredTrustMs : trustMs);
  }

  #last(account: string): number | undefined {
    const count = this.#counts.get(account);
    return count?.counted === undefined ? undefined : count.counted + count.since;
  }

  async #countAll(): Promise<void> {
    if (this.#isCounting) return;
    this.#isCounting = true;
    for (const account of this.#uncounted) {
      this.#uncounted.delete(account);
      // The probes tell of a database that does not answer, and the number is asked for again.
      await this.#trusted(account).total.catch(() => undefined);
    }
    this.#isCounting = false;
  }

  #trusted(account: string): Count {
    const known = this.#counts.get(account);
    return known && this.#isTrusted(known) ? known : this.#ask(account);
  }

  /** One that runs is waited for by all who ask meanwhile. */
  #isTrusted({ isRunning, isBlurred, askedAtMs }: Count): boolean {
    return isRunning || (!isBlurred && this.#clock.nowMs() - askedAtMs < trustMs);
  }

  #ask(account: string): Count {
    const counting = this.#countRows(account).then(sum, (error: unknown) => {
      this.#counts.delete(account);
      throw error;
    });
    const total = counting
      .then((objects) => (count.counted = objects))
      .finally(() => {
        count.isRunning = false;
      });
    const count: Count = {
      ...{ total, counted: this.#last(account), since: 0, askedAtMs: this.#clock.nowMs() },
      ...{ isRunning: true, isBlurred: false },
    };
    this.#counts.set(account, count);
    return count;
  }
}

/** Applications and clusters are rows, but no objects. */
const logicalTypes: ReadonlySet<string> = new Set(['applications', 'clusters']);

function sum(counts: ReadonlyMap<string, number>): number {
  const objects = [...counts].filter(([type]) => !logicalTypes.has(type));
  return objects.reduce((all, [, rows]) => all + rows, 0);
}
