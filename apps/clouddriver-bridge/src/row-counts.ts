/**
 * How many objects each account has stored. Counting is a query over all of an account's tables, so
 * it is done seldom, and the commits in between are added up.
 */

/** Asks the database. */
export type CountRows = (account: string) => Promise<ReadonlyMap<string, number>>;

interface Count {
  total: Promise<number>;
  /** Added since `total` was asked for. */
  since: number;
  readonly askedAtMs: number;
}

/** How long a count is trusted, ms. It only drifts by what was committed while it ran. */
const trustMs = 300_000;

/** Rows per account. */
export class RowCounts {
  readonly #countRows: CountRows;
  readonly #clock: { nowMs(): number };
  readonly #counts = new Map<string, Count>();

  constructor(countRows: CountRows, clock: { nowMs(): number }) {
    this.#countRows = countRows;
    this.#clock = clock;
  }

  /** A commit has changed the number. */
  add(account: string, rows: number): void {
    const count = this.#counts.get(account);
    if (count !== undefined) count.since += rows;
  }

  /** The account is no more. */
  forget(account: string): void {
    this.#counts.delete(account);
  }

  /** The number now; rejects when the database does not answer. */
  async total(account: string): Promise<number> {
    const known = this.#counts.get(account);
    const isTrusted = known && this.#clock.nowMs() - known.askedAtMs < trustMs;
    const count = isTrusted ? known : this.#ask(account);
    return (await count.total) + count.since;
  }

  #ask(account: string): Count {
    const total = this.#countRows(account).then(sum, (error: unknown) => {
      this.#counts.delete(account);
      throw error;
    });
    const count = { total, since: 0, askedAtMs: this.#clock.nowMs() };
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
