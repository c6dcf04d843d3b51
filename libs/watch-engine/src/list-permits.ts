/**
 * Who may list now: a bound on snapshots under way in all and per account, handed out to the
 * accounts in turn, so that one with many kinds does not hold up the others; and, since all feeds
 * share one thread, which of those that list goes on (`listing-turns.ts`).
 */
import { ListingTurns, type ListingTurn } from './listing-turns.ts';

/** Ends the use of a permit; calling it again does nothing. */
export type ReleasePermit = () => void;

/** One account's door to the permits. */
export interface AccountPermits {
  /** Waits for a permit; rejects with the signal's reason when it is aborted before. */
  acquire(signal: AbortSignal): Promise<ReleasePermit>;
  /** Waits until this feed may work off a part of its snapshot; feeds that watch never wait. */
  turn(): Promise<ListingTurn>;
}

/** Bounds. */
export interface ListPermitsOptions {
  /** Snapshots under way over all accounts. @defaultValue 1000, as Armory's `tasks.totalBudget` */
  readonly total?: number;
  /** Snapshots under way per account. @defaultValue 50, as Armory's `tasks.budgetPerAccount` */
  readonly perAccount?: number;
  /**
   * Lets everything else that is ready run first: `setImmediate` as a promise. Between two turns
   * of snapshots, of whatever account, all watches get to take what has arrived for them.
   * @defaultValue nothing is let before
   */
  readonly breathe?: () => Promise<void>;
}

interface Waiter {
  readonly grant: () => void;
}

interface AccountQueue {
  active: number;
  readonly waiting: Waiter[];
}

/** A semaphore that is fair between accounts, first come first served within one. */
export class ListPermits {
  readonly #total: number;
  readonly #perAccount: number;
  readonly #accounts = new Map<string, AccountQueue>();
  /** Accounts that wait, the next one to be served first. */
  #turn: string[] = [];
  #active = 0;
  readonly #turns: ListingTurns;

  constructor(options: ListPermitsOptions = {}) {
    this.#total = options.total ?? 1000;
    this.#perAccount = options.perAccount ?? 50;
    this.#turns = new ListingTurns(options.breathe ?? ((): Promise<void> => Promise.resolve()));
  }

  /** Permits in use. */
  get active(): number {
    return this.#active;
  }

  /** The permits as one account sees them. */
  forAccount(account: string): AccountPermits {
    return {
      acquire: (signal) => this.#acquire(account, signal),
      turn: () => this.#turns.take(),
    };
  }

  #acquire(account: string, signal: AbortSignal): Promise<ReleasePermit> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(asError(signal.reason));
        return;
      }
      const queue = this.#queueOf(account);
      const waiter: Waiter = {
        grant: () => {
          signal.removeEventListener('abort', abort);
          resolve(this.#releaseOnce(account));
        },
      };
      const abort = (): void => {
        queue.waiting.splice(queue.waiting.indexOf(waiter), 1);
        this.#forget(account);
        reject(asError(signal.reason));
      };
      signal.addEventListener('abort', abort, { once: true });
      queue.waiting.push(waiter);
      if (!this.#turn.includes(account)) this.#turn.push(account);
      this.#serve();
    });
  }

  #queueOf(account: string): AccountQueue {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const queue: AccountQueue = { active: 0, waiting: [] };
    this.#accounts.set(account, queue);
    return queue;
  }

  #releaseOnce(account: string): ReleasePermit {
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#active -= 1;
      this.#queueOf(account).active -= 1;
      this.#serve();
      this.#forget(account);
    };
  }

  /** Grants one permit per account and round, until the bound or the end of the queues. */
  #serve(): void {
    while (this.#active < this.#total) {
      const index = this.#turn.findIndex((account) => this.#mayHaveMore(account));
      const account = this.#turn[index];
      if (account === undefined) return;
      this.#turn.splice(index, 1);
      const queue = this.#queueOf(account);
      const waiter = queue.waiting.shift();
      if (waiter === undefined) continue;
      if (queue.waiting.length > 0) this.#turn.push(account);
      queue.active += 1;
      this.#active += 1;
      waiter.grant();
    }
  }

  #mayHaveMore(account: string): boolean {
    return this.#queueOf(account).active < this.#perAccount;
  }

  #forget(account: string): void {
    const queue = this.#queueOf(account);
    if (queue.waiting.length > 0) return;
    this.#turn = this.#turn.filter((name) => name !== account);
    if (queue.active === 0) this.#accounts.delete(account);
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('aborted');
}
