/** The journals of all accounts that this bridge feeds. */
import { type SqlCache, type StoredFeed } from '@fairlead/sql-cache';
import { type OpenedFeed } from '../account-feeds.ts';
import { AccountJournal, type CommitJournal, type RowsFollower } from './account-journal.ts';
import { type FedJournal } from './cached-reads.ts';
import { JournalBudget, type JournalLimits } from './journal-budget.ts';
import { servedFeeds } from './served-feeds.ts';

/** What journals work with. */
export interface ClusterJournalsDeps {
  readonly cache: Pick<SqlCache, 'bodiesOf'>;
  readonly clock: { nowMs(): number };
  /** Makes names that no other process makes. */
  readonly newId: () => string;
  /** Definitions of custom resources or API services of an account are committed. */
  readonly definitionsChanged: (account: string) => void;
  /** An account is not fed here any more. */
  readonly closed: (account: string) => void;
  /** What was changed is not known; readers of the type (`''`: of all) were sent away. */
  readonly failed: (account: string, type: string, error: unknown) => void;
  readonly follower: RowsFollower;
  /** @defaultValue `journalLimits` */
  readonly limits?: JournalLimits;
}

/** Where an account's feeds are. */
export interface JournalStart {
  /** What the database had when the epoch began. */
  readonly stored: readonly StoredFeed[];
  /** Feeds that are open now. */
  open(): readonly OpenedFeed[];
}

/** All of them. */
export class ClusterJournals {
  readonly #deps: ClusterJournalsDeps;
  readonly #budget: JournalBudget;
  readonly #accounts = new Map<string, FedJournal>();

  constructor(deps: ClusterJournalsDeps) {
    this.#deps = deps;
    this.#budget = new JournalBudget(deps.limits);
  }

  /** Bytes that are remembered. */
  get bytes(): number {
    return this.#budget.bytes;
  }

  /** The journal of an account that is fed here. */
  fed(account: string): FedJournal | undefined {
    return this.#accounts.get(account);
  }

  /** An account is fed here from now on, by a new epoch. */
  open(account: string, start: JournalStart): CommitJournal {
    this.close(account);
    const { cache, clock, newId, follower, definitionsChanged, failed } = this.#deps;
    const feeds = (): ReturnType<FedJournal['feeds']> => servedFeeds(start.open(), start.stored);
    const journal = new AccountJournal({
      ...{ account, cache, clock, newId, follower },
      budget: this.#budget,
      feedsOf: (type) => feeds().filter((feed) => feed.type === type),
      definitionsChanged: () => definitionsChanged(account),
      failed: (type, error) => failed(account, type, error),
    });
    this.#accounts.set(account, { journal, feeds });
    return journal;
  }

  /** An account is not fed here any more: its watches end. */
  close(account: string): void {
    const fed = this.#accounts.get(account);
    if (fed === undefined) return;
    this.#accounts.delete(account);
    fed.journal.close();
    this.#deps.closed(account);
  }

  /** The bridge stops. */
  closeAll(): void {
    for (const account of [...this.#accounts.keys()]) this.close(account);
  }
}
