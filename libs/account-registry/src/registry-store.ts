/** What the registry asks of the database: steps that must be atomic there, nothing more. */
import { type AccountFacts, type StoredFacts } from './account-state.ts';

/** An account as it is listed at the start. */
export interface StoredAccountEntry extends StoredFacts {
  /** The account. */
  readonly name: string;
  /** Whether its removal had begun. */
  readonly isRemovalBegun: boolean;
}

/** Makes `linkId` the account's one writer. */
export interface TakeOver {
  /** The account; created if there is none. */
  readonly name: string;
  /** The epoch it must still have; 0 for "there is no account". */
  readonly expectedEpoch: number;
  /** The link of the new writer. */
  readonly linkId: string;
  /** The account as it will be. */
  readonly facts: AccountFacts;
}

/** Of two callers that expected the same epoch only one wins. */
export type TakeOverOutcome =
  | { readonly kind: 'taken'; readonly epoch: number }
  | { readonly kind: 'lost'; readonly current: StoredFacts | undefined };

/** The database. Rejections are taken for passing troubles, and the step is tried again. */
export interface RegistryStore {
  /** All accounts that are not removed. */
  list(): Promise<readonly StoredAccountEntry[]>;
  /** One account, unless it is removed. */
  get(name: string): Promise<StoredFacts | undefined>;
  /** Raises the epoch by one if it is as expected. */
  takeOver(request: TakeOver): Promise<TakeOverOutcome>;
  /** Notes the end of the grace period, if the epoch is still the given one. */
  recordDisconnected(request: {
    readonly name: string;
    readonly epoch: number;
    readonly graceDeadlineMs: number;
  }): Promise<void>;
  /**
   * Notes that removal has begun, deletes all rows and the account. `lost` when the epoch is no
   * longer the given one, at the beginning or on the way.
   */
  removeAccount(request: {
    readonly name: string;
    readonly epoch: number;
    readonly signal: AbortSignal;
  }): Promise<'removed' | 'lost'>;
  /** When anybody last committed anything for the account, epoch milliseconds; 0 for never. */
  lastCommittedAtMs(name: string): Promise<number>;
}
