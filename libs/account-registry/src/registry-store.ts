/** What the registry asks of the database: steps that must be atomic there, nothing more. */
import { type AccountFacts, type StoredFacts } from './account-state.ts';

/** What a look over all accounts tells of one: enough to see whether more must be read. */
export interface StoredHead extends Pick<StoredFacts, 'epoch' | 'heldBy' | 'begun'> {
  /** The account. */
  readonly name: string;
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

/** Of two callers that expected the same epoch only one wins; nobody wins while rows are deleted. */
export type TakeOverOutcome =
  /** The account has this new epoch, and the caller is its writer. */
  | { readonly kind: 'taken'; readonly epoch: number }
  /** Nothing was changed; the account as it is instead, undefined if there is none. */
  | { readonly kind: 'lost'; readonly current: StoredFacts | undefined };

/** Whose rows to delete. */
export interface DeleteRows {
  /** The account. */
  readonly name: string;
  /** The epoch it must still have. */
  readonly epoch: number;
  /** Ends it half-way; who comes next goes on with it. */
  readonly signal: AbortSignal;
}

/** How deleting ended: `lost` when the epoch is no longer the given one, now or on the way. */
export type MoveOutcome =
  /** The rows are gone and the account is the new cluster's, with this epoch. */
  | { readonly kind: 'moved'; readonly epoch: number }
  /** The epoch is another one; who has it decides. */
  | { readonly kind: 'lost' };

/**
 * The database. Rejections are taken for passing troubles, and the step is tried again, also when it
 * was done and only its answer was lost.
 */
export interface RegistryStore {
  /** All accounts that are not removed. */
  heads(): Promise<readonly StoredHead[]>;
  /** One account, unless it is removed. */
  get(name: string): Promise<StoredFacts | undefined>;
  /** Raises the epoch by one if it is as expected. */
  takeOver(request: TakeOver): Promise<TakeOverOutcome>;
  /** Gives the account up to whoever offers it to any bridge, if the epoch is still the given one. */
  recordDisconnected(request: {
    readonly name: string;
    readonly epoch: number;
    readonly graceDeadlineMs: number;
  }): Promise<void>;
  /** Notes that removal has begun, deletes all rows and the account. */
  removeAccount(request: DeleteRows): Promise<'removed' | 'lost'>;
  /** Notes that a move to the cluster of `to` has begun, deletes all rows; the account stays. */
  moveAccount(request: DeleteRows & { readonly to: AccountFacts }): Promise<MoveOutcome>;
  /** When anybody last committed anything for the account, by anybody's clock; 0 for never. */
  lastCommittedAtMs(name: string): Promise<number>;
}
