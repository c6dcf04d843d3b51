/**
 * One account's way to the link in one registration: the byte credits that the bridge granted, and
 * the feeds that have something to send. A batch may go out while the balance is above zero and may
 * take it below.
 *
 * Snapshots leave one batch's credit to changes, so that a change need not wait until the bridge
 * has committed the snapshots of the same account.
 */
import { targetBatchBytes } from '@fairlead/protocol';
import type { Urgency } from './byte-budget.ts';

/** Who is told that an account may send; the link's scheduler. */
export interface OutletTurns<F extends WaitingFeed> {
  /** The account has a feed that may send a batch of this urgency. */
  mayHave(outlet: AccountOutlet<F>, urgency: Urgency): void;
}

/** A feed as the outlet sees it. */
export interface WaitingFeed {
  /** Whether it has ended: it is passed over. */
  readonly isClosed: boolean;
  /** It need not wait for company any longer; with a ticket, only if it waits with that one. */
  lingered(ticket?: number): void;
}

/** After so many batches of changes a snapshot that waits has its turn, whatever waits beside it. */
export const liveBatchesInARow = 8;

/** Credits and ready feeds of one account. */
export class AccountOutlet<F extends WaitingFeed = WaitingFeed> {
  readonly #turns: OutletTurns<F>;
  readonly #ready: Readonly<Record<Urgency, F[]>> = { live: [], bulk: [] };
  readonly #lingering: Readonly<Record<Urgency, Set<F>>> = { live: new Set(), bulk: new Set() };
  readonly #reservedBytes: number;
  #balance: number;
  #unacknowledged = 0;
  #liveInARow = 0;

  constructor(creditBytes: number, turns: OutletTurns<F>) {
    this.#balance = creditBytes;
    this.#reservedBytes = Math.min(targetBatchBytes, Math.floor(creditBytes / 4));
    this.#turns = turns;
  }

  /** Bytes that may still be sent; zero or less: none. */
  get balanceBytes(): number {
    return this.#balance;
  }

  /** Whether every batch that went out is committed. */
  get isSettled(): boolean {
    return this.#unacknowledged === 0;
  }

  /** A feed has ended. */
  forget(feed: F): void {
    for (const lingering of Object.values(this.#lingering)) lingering.delete(feed);
  }

  /** More from the bridge. */
  grant(bytes: number): void {
    this.#balance += bytes;
    this.#callTurns();
  }

  /** A batch goes out. */
  spend(bytes: number, urgency: Urgency): void {
    this.#balance -= bytes;
    this.#unacknowledged += 1;
    this.#liveInARow = urgency === 'live' ? this.#liveInARow + 1 : 0;
  }

  /** Something else than a batch goes out, which nobody acknowledges. */
  pay(bytes: number): void {
    this.#balance -= bytes;
  }

  /**
   * So many batches are committed, or will never be. After the last one the bridge has nothing of the
   * account to do, so that changes that wait for company had better go.
   */
  settled(batches: number): void {
    this.#unacknowledged -= batches;
    if (this.isSettled) this.#release('live');
    this.#callTurns();
  }

  /** A feed waits for company before it is ready. */
  lingering(feed: F, urgency: Urgency): void {
    this.#lingering[urgency].add(feed);
  }

  /** The account is full: no company can come, what waits for it must go to make room. */
  hurry(): void {
    for (const urgency of ['live', 'bulk'] as const) this.#release(urgency);
  }

  /** A feed has something to send. */
  ready(feed: F, urgency: Urgency): void {
    this.forget(feed);
    this.#ready[urgency].push(feed);
    if (this.#maySend(urgency)) this.#turns.mayHave(this, urgency);
  }

  /** The feed whose turn it is; `undefined` if none may send now. */
  next(urgency: Urgency): F | undefined {
    const ready = this.#ready[urgency];
    while (ready[0]?.isClosed === true) ready.shift();
    return this.#maySend(urgency) ? ready.shift() : undefined;
  }

  /** Whether another feed may send right away. */
  hasNext(urgency: Urgency): boolean {
    return this.#ready[urgency].length > 0 && this.#maySend(urgency);
  }

  #release(urgency: Urgency): void {
    for (const feed of [...this.#lingering[urgency]]) feed.lingered();
  }

  #callTurns(): void {
    for (const urgency of ['live', 'bulk'] as const) {
      if (this.hasNext(urgency)) this.#turns.mayHave(this, urgency);
    }
  }

  /** With nothing on its way no more credit would come, so then a snapshot may use the last. */
  #maySend(urgency: Urgency): boolean {
    if (this.#balance <= 0) return false;
    if (urgency === 'live' || this.#balance > this.#reservedBytes) return true;
    return this.#unacknowledged === 0 || this.#liveInARow >= liveBatchesInARow;
  }
}
