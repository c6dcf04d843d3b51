/** How many dead letters there are, for a scrape that must not wait for a database that is away. */
import { type SqlCache } from '@fairlead/sql-cache';

/** What counting needs. */
export interface DeadLetterCountsDeps {
  /** The database. */
  readonly deadLetters: Pick<SqlCache['deadLetters'], 'countByReason'>;
  /** Time. */
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
}

/** Prometheus waits 10 s for a whole scrape by default. */
const patienceMs = 1000;

/** The newest count that the database has given. */
export class DeadLetterCounts {
  readonly #deps: DeadLetterCountsDeps;
  #last: ReadonlyMap<string, number> = new Map();
  #asking: Promise<void> | undefined;

  constructor(deps: DeadLetterCountsDeps) {
    this.#deps = deps;
  }

  /** By reason, as they are now; as they were when they were counted last if nobody answers. */
  async byReason(): Promise<ReadonlyMap<string, number>> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    const answered = new AbortController();
    // Ends early only because the answer is there.
    const patience = this.#deps.clock.sleep(patienceMs, answered.signal).catch(() => undefined);
    await Promise.race([this.#asking, patience]);
    answered.abort();
    return this.#last;
  }

  async #ask(): Promise<void> {
    try {
      this.#last = await this.#deps.deadLetters.countByReason();
    } catch {
      // The probes tell of a database that does not answer; the gauge keeps what was true last.
    }
  }
}
