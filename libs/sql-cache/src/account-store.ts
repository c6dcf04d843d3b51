/**
 * The accounts as they stand in SQL: which bridge and which agent feed them, with the epoch that
 * fences every older writer. Rules are the account registry's; here is only what must be atomic.
 */

/** Where an account stands, as the registry sees it; the store gives it no meaning. */
export type StoredAccountState = string;

/** The cluster behind an account, as its agent reported it; `''` where it does not know. */
export interface StoredClusterIdentity {
  /** Address of the API server. */
  readonly server: string;
  /** Hex SHA-256 of the API server's certificate. */
  readonly certificateFingerprint: string;
  /** `gitVersion` of the API server. */
  readonly version: string;
  /** `uid` of namespace kube-system. */
  readonly uid: string;
}

/** Who feeds an account. */
export interface AccountOwner {
  /** Identity of the agent deployment. */
  readonly agentId: string;
  /** The agent's process: replicas of one deployment differ in it. */
  readonly instanceId: string;
  /** Identity of the bridge process that holds the link. */
  readonly bridgeId: string;
  /** Identity of the link within the bridge. */
  readonly linkId: string;
}

/** One account. */
export interface StoredAccount {
  /** Spinnaker's name of the account. */
  readonly name: string;
  /** The registry's state. */
  readonly state: StoredAccountState;
  /** Goes up with every take-over, and never down, not even when an account is removed and comes back. */
  readonly epoch: number;
  /** Who feeds it, or fed it last; all `''` when nobody ever did. */
  readonly owner: AccountOwner;
  /** The cluster behind it. */
  readonly cluster: StoredClusterIdentity;
  /** The account's properties as the agent sent them (a JSON object). */
  readonly properties: Readonly<Record<string, unknown>>;
  /** The Spinnaker kinds that are fed. */
  readonly kinds: readonly string[];
  /** First registration, epoch milliseconds. */
  readonly createdAtMs: number;
  /** Last change of this row, epoch milliseconds. */
  readonly updatedAtMs: number;
  /** When the account is to be removed if nobody feeds it, epoch milliseconds; `null` while it is fed. */
  readonly graceDeadlineMs: number | null;
}

/** A take-over: the caller becomes the account's only writer. */
export interface TakeOverRequest {
  /** The account. It is created if there is none. */
  readonly name: string;
  /** The epoch that the caller decided on, `0` for "there is no account"; anything else loses. */
  readonly expectedEpoch: number;
  /** The new feeder. */
  readonly owner: AccountOwner;
  /** The cluster, as the new feeder reports it. */
  readonly cluster: StoredClusterIdentity;
  /** The account's properties. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** The Spinnaker kinds that will be fed. */
  readonly kinds: readonly string[];
  /** The state to write. */
  readonly state: StoredAccountState;
}

/**
 * How a take-over ended: two callers that saw the same epoch never both win, and nobody wins while
 * the account's rows are being deleted.
 */
export type TakeOverResult =
  /** The account has this new epoch, and the caller is its writer. */
  | { readonly kind: 'taken'; readonly epoch: number }
  /** Nothing was changed; the account as it is instead, undefined if there is none. */
  | { readonly kind: 'lost'; readonly current: StoredAccount | undefined };

/** A change that leaves the feeder in place. It applies only while the epoch is the given one. */
export interface AccountUpdate {
  /** The account. */
  readonly name: string;
  /** The epoch it must still have. */
  readonly epoch: number;
  /** New state. */
  readonly state?: StoredAccountState;
  /** New deadline of the grace period, or `null` to end it. */
  readonly graceDeadlineMs?: number | null;
  /** New kinds. */
  readonly kinds?: readonly string[];
  /** New properties. */
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** What tells whether more of an account must be read. */
export type AccountHead = Pick<StoredAccount, 'name' | 'state' | 'epoch'> &
  Pick<AccountOwner, 'bridgeId'>;

/** The atomic steps that the registry is built on. */
export interface AccountStore {
  /** The heads of all accounts that are not removed, in no promised order. */
  heads(): Promise<AccountHead[]>;
  /** All accounts that are not removed, by name. */
  list(): Promise<StoredAccount[]>;
  /** One account, unless it is removed. */
  get(name: string): Promise<StoredAccount | undefined>;
  /** Makes the caller the feeder, with the epoch raised by one, if the epoch is as expected. */
  takeOver(request: TakeOverRequest): Promise<TakeOverResult>;
  /** Changes state, grace, kinds or properties; `false` when the epoch has moved on. */
  update(change: AccountUpdate): Promise<boolean>;
}
