/**
 * The statements of one transaction, which run in the order in which they are asked for whether or
 * not anybody waits for one before asking for the next. None takes effect after one that failed.
 */

/** Keeps the order. */
export interface StatementQueue {
  /**
   * Runs a statement after those before it. Its failure need not be awaited here: it comes to light
   * in {@link settled}, without which no transaction ends well.
   */
  run<T>(statement: () => Promise<T>): Promise<T>;
  /** Resolves when all have succeeded; rejects with the first failure. */
  settled(): Promise<void>;
}

/**
 * Each begins when the one before has succeeded: for servers that go on with the next statement of a
 * connection though one has failed (MySQL even ends the transaction after a deadlock, and would take
 * what follows outside of it).
 */
export class StatementsInTurn implements StatementQueue {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(statement: () => Promise<T>): Promise<T> {
    const running = unawaited(this.#last.then(statement));
    this.#last = running;
    return running;
  }

  async settled(): Promise<void> {
    await this.#last;
  }
}

/**
 * Each is sent at once, behind those on their way: for a server that answers in order and refuses
 * everything in a transaction after a failure, as PostgreSQL does (SQLSTATE 25P02).
 */
export class StatementsInFlight implements StatementQueue {
  readonly #sent: Promise<unknown>[] = [];

  run<T>(statement: () => Promise<T>): Promise<T> {
    const running = unawaited(statement());
    this.#sent.push(running);
    return running;
  }

  async settled(): Promise<void> {
    for (const running of this.#sent) await running;
  }
}

/** Lets a promise that comes of a statement be left alone. */
export function unawaited<T>(running: Promise<T>): Promise<T> {
  running.catch(ignored);
  return running;
}

/** Not swallowed: `settled` tells of it. */
function ignored(): void {
  return undefined;
}
