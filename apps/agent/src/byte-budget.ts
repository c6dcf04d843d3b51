/**
 * Bounds the bytes that the agent holds: queued and sent-but-unacknowledged, per account and in
 * all. Bytes are admitted before they are taken, so no number of feeds can pass the bound together.
 *
 * An account may always use its share (half the total, split evenly), so that accounts whose batches
 * are not acknowledged cannot starve the others; what is above the shares comes from a common pool,
 * the other half. Changes go before snapshots, which leave a part of each limit free for them.
 * An object larger than its account's limit passes when the account holds nothing else; one that
 * even the pool has no room for passes alone: one such object at a time, of all accounts.
 */

/** Limits of a {@link ByteBudget}, in bytes. */
export interface ByteBudgetLimits {
  /** Of all accounts together. */
  readonly totalBytes: number;
  /** Of one account; the total is the limit when it is smaller. */
  readonly accountBytes: number;
}

/** Who goes first: a change of a feed that watches is `live`, a part of a snapshot is `bulk`. */
export type Urgency = 'live' | 'bulk';

/** Somebody who waits for bytes. */
export interface BudgetWaiter {
  /** How many. */
  readonly bytes: number;
  /** As what. */
  readonly urgency: Urgency;
  /** Called when they are taken for it; never after it was given up. */
  readonly admitted: () => void;
}

/** Snapshots leave this part of the account's limit and of the pool to changes. */
const bulkPart = 0.75;
/** The part of its share that an account's snapshots get even while its changes wait. */
const bulkShare = 0.5;

/** What keeps bytes out. */
type Verdict = 'fits' | 'fitsAlone' | 'account' | 'pool';

/** The bytes of one account; `ByteBudget.of` gives it. */
export class AccountBytes {
  /** Bytes held now. */
  used = 0;
  /** Those who wait, first come first served. */
  readonly waiting: Readonly<Record<Urgency, BudgetWaiter[]>> = { live: [], bulk: [] };
}

/** Counts bytes, admits them while there is room, and lets those in who wait. */
export class ByteBudget {
  #limits: ByteBudgetLimits;
  #shareBytes = 0;
  readonly #accounts = new Map<string, AccountBytes>();
  #total = 0;
  #pooled = 0;
  /** Whether somebody waits for room in the pool, and not only in the own account. */
  readonly #isPoolAwaited: Record<Urgency, boolean> = { live: false, bulk: false };
  /** Holds the one object that no limit had room for. */
  #exception: AccountBytes | undefined;
  /** Accounts with somebody waiting; the first one's turn is next. */
  readonly #turns: Readonly<Record<Urgency, Set<AccountBytes>>> = {
    live: new Set(),
    bulk: new Set(),
  };

  constructor(limits: ByteBudgetLimits) {
    this.#limits = limits;
    this.#shareBytes = shareOf(limits, 1);
  }

  /** Bytes held now, of all accounts. */
  get usedBytes(): number {
    return this.#total;
  }

  /** The limit of all accounts together. */
  get limitBytes(): number {
    return this.#limits.totalBytes;
  }

  /** The bytes of an account, the same object each time. */
  of(account: string): AccountBytes {
    const known = this.#accounts.get(account);
    if (known !== undefined) return known;
    const made = new AccountBytes();
    this.#accounts.set(account, made);
    return made;
  }

  /** New limits, or another number of accounts to share between; waiters are looked at anew. */
  configure(limits: ByteBudgetLimits, accounts: number): void {
    this.#limits = limits;
    this.#shareBytes = shareOf(limits, Math.max(1, accounts));
    this.#pooled = 0;
    for (const { used } of this.#accounts.values()) this.#pooled += this.#aboveShare(used);
    this.#serveAll();
  }

  /** Takes the bytes if there is room and nobody is before them. */
  admit(account: AccountBytes, bytes: number, urgency: Urgency): boolean {
    if (account.waiting[urgency].length > 0 || this.#isOvertaking(account, bytes, urgency)) {
      return false;
    }
    return this.#take(account, bytes, urgency);
  }

  /** Takes the bytes as soon as there is room, and then says so; perhaps at once. */
  admitLater(account: AccountBytes, waiter: BudgetWaiter): void {
    account.waiting[waiter.urgency].push(waiter);
    this.#turns[waiter.urgency].add(account);
    this.#serveAll();
  }

  /** Somebody waits no longer. */
  giveUp(account: AccountBytes, waiter: BudgetWaiter): void {
    const waiting = account.waiting[waiter.urgency];
    const index = waiting.indexOf(waiter);
    if (index < 0) return;
    waiting.splice(index, 1);
    if (waiting.length === 0) this.#turns[waiter.urgency].delete(account);
    this.#serveAll();
  }

  /** Bytes are no longer held. */
  release(account: AccountBytes, bytes: number): void {
    if (bytes <= 0) return;
    this.#change(account, -bytes);
    if (this.#turns.live.size + this.#turns.bulk.size > 0) this.#serveAll();
  }

  /** Whether somebody else is to have the room first. */
  #isOvertaking(account: AccountBytes, bytes: number, urgency: Urgency): boolean {
    if (account.used + bytes <= this.#ownPart(urgency)) return false;
    const { live, bulk } = this.#isPoolAwaited;
    if (urgency === 'live') return live;
    return live || bulk || account.waiting.live.length > 0;
  }

  #take(account: AccountBytes, bytes: number, urgency: Urgency): boolean {
    const verdict = this.#judge(account, bytes, urgency);
    if (verdict === 'account' || verdict === 'pool') return false;
    this.#change(account, bytes);
    if (verdict === 'fitsAlone') this.#exception = account;
    return true;
  }

  #judge(account: AccountBytes, bytes: number, urgency: Urgency): Verdict {
    const after = account.used + bytes;
    if (after <= this.#ownPart(urgency)) return 'fits';
    const part = urgency === 'live' ? 1 : bulkPart;
    const { totalBytes, accountBytes } = this.#limits;
    const isFirst = account.used === 0;
    if (after > Math.min(accountBytes, totalBytes) * part && !isFirst) return 'account';
    const pooled = this.#pooled + this.#aboveShare(after) - this.#aboveShare(account.used);
    if (pooled <= (totalBytes / 2) * part) return 'fits';
    return isFirst && this.#mayPassAlone() ? 'fitsAlone' : 'pool';
  }

  /** Whether the object that passed before all limits has left its excess behind. */
  #mayPassAlone(): boolean {
    if (this.#exception === undefined || this.#exception.used === 0) return true;
    return this.#pooled <= this.#limits.totalBytes / 2;
  }

  /** Lets in who waits, changes first. */
  #serveAll(): void {
    this.#serve('live');
    this.#serve('bulk');
  }

  /** In rounds, as long as somebody was let into the pool in the last one. */
  #serve(urgency: Urgency): void {
    this.#isPoolAwaited[urgency] = false;
    let isAnyServed = this.#turns[urgency].size > 0;
    while (isAnyServed) isAnyServed = this.#serveRound(urgency) && !this.#isPoolAwaited[urgency];
  }

  /**
   * The accounts in turn, one from the pool for each. Whoever lacks room in the pool is waited for,
   * so that nobody small can keep a large one waiting for ever; whoever has no room in the own
   * account is passed over.
   */
  #serveRound(urgency: Urgency): boolean {
    let isAnyServed = false;
    for (const account of [...this.#turns[urgency]]) {
      for (let first = account.waiting[urgency][0]; first !== undefined;) {
        const isOwn = account.used + first.bytes <= this.#ownPart(urgency);
        if (!isOwn && this.#isOvertaking(account, first.bytes, urgency)) break;
        if (!this.#take(account, first.bytes, urgency)) {
          const isPool = this.#judge(account, first.bytes, urgency) === 'pool';
          this.#isPoolAwaited[urgency] ||= isPool;
          break;
        }
        this.#letIn(account, first);
        isAnyServed = true;
        first = isOwn ? account.waiting[urgency][0] : undefined;
      }
    }
    return isAnyServed;
  }

  #letIn(account: AccountBytes, waiter: BudgetWaiter): void {
    const turns = this.#turns[waiter.urgency];
    const waiting = account.waiting[waiter.urgency];
    waiting.shift();
    turns.delete(account);
    // Behind the others, for its next turn.
    if (waiting.length > 0) turns.add(account);
    waiter.admitted();
  }

  /** What an account may use whatever all others do. */
  #ownPart(urgency: Urgency): number {
    return urgency === 'live' ? this.#shareBytes : this.#shareBytes * bulkShare;
  }

  #change(account: AccountBytes, bytes: number): void {
    const before = this.#aboveShare(account.used);
    account.used += bytes;
    this.#total += bytes;
    this.#pooled += this.#aboveShare(account.used) - before;
  }

  #aboveShare(bytes: number): number {
    return Math.max(0, bytes - this.#shareBytes);
  }
}

/** What each account may use whatever the others do. */
function shareOf({ totalBytes, accountBytes }: ByteBudgetLimits, accounts: number): number {
  return Math.min(accountBytes, totalBytes / 2 / accounts);
}
