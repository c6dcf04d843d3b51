/**
 * Who may list now: a bound on snapshots under way in all and per account, handed out to the
 * accounts in turn, so that one with many kinds does not hold up the others; and, since all feeds
 * share one thread, which of those that list goes on (`listing-turns.ts`).
 */
import { ListingTurns, type ListingTurn } from './listing-turns.ts';

/** The right to list. */
export interface ListPermit {
  /**
   * Its holder waits for whoever takes its snapshot, and reads nothing: it counts for its account alone,
   * until it is resumed.
   */
  rest(): void;
  /** Waits until it counts for all again; rejects with the signal's reason when aborted before. */
  resume(signal: AbortSignal): Promise<void>;
  /** Ends its use; calling it again does nothing. */
  release(): void;
}

/** One account's door to the permits. */
export interface AccountPermits {
  /** Waits for a permit; rejects with the signal's reason when it is aborted before. */
  acquire(signal: AbortSignal): Promise<ListPermit>;
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
  /** It rests, and counts for its account already. */
  readonly isCounted: boolean;
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

  async #acquire(account: string, signal: AbortSignal): Promise<ListPermit> {
    await this.#wait(account, { signal, isCounted: false });
    return this.#permit(account);
  }

  #wait(
    account: string,
    { signal, isCounted }: { readonly signal: AbortSignal; readonly isCounted: boolean },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(asError(signal.reason));
        return;
      }
      const queue = this.#queueOf(account);
      const waiter: Waiter = {
        isCounted,
        grant: () => {
          signal.removeEventListener('abort', abort);
          resolve();
        },
      };
      const abort = (): void => {
        queue.waiting.splice(queue.waiting.indexOf(waiter), 1);
        this.#forget(account);
        reject(asError(signal.reason));
      };
      signal.addEventListener('abort', abort, { once: true });
      // Who has begun goes before who has not.
      const place = isCounted ? queue.waiting.findIndex((other) => !other.isCounted) : -1;
      queue.waiting.splice(place < 0 ? queue.waiting.length : place, 0, waiter);
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

  #permit(account: string): ListPermit {
    let state: 'active' | 'resting' | 'released' = 'active';
    const isResting = (): boolean => state === 'resting';
    const leave = (next: 'resting' | 'released'): void => {
      if (state === 'active') this.#active -= 1;
      if (next === 'released') this.#queueOf(account).active -= 1;
      state = next;
      this.#serve();
      this.#forget(account);
    };
    return {
      rest: () => {
        if (state === 'active') leave('resting');
      },
      resume: async (signal) => {
        if (!isResting()) return;
        await this.#wait(account, { signal, isCounted: true });
        // Released meanwhile, or resumed twice.
        if (isResting()) state = 'active';
        else this.#giveBack();
      },
      release: () => {
        if (state !== 'released') leave('released');
      },
    };
  }

  /** What was granted is not wanted any more. */
  #giveBack(): void {
    this.#active -= 1;
    this.#serve();
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
      if (!waiter.isCounted) queue.active += 1;
      this.#active += 1;
      waiter.grant();
    }
  }

  #mayHaveMore(account: string): boolean {
    const { active, waiting } = this.#queueOf(account);
    return active < this.#perAccount || waiting[0]?.isCounted === true;
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
