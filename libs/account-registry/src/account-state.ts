/**
 * The words of the account machine: where an account stands, what can happen to it, and what is to
 * be done about it. `account-machine.ts` leads to the rules.
 */
import { type ClusterIdentity } from './cluster-identity.ts';

/** What an account is, whoever feeds it. */
export interface AccountFacts {
  /** Name of the agent that feeds it, or did last; `''` if none did. Its replicas share it. */
  readonly agentId: string;
  /** The process of that agent. */
  readonly instanceId: string;
  /** The cluster behind it. */
  readonly cluster: ClusterIdentity;
  /** Spinnaker kinds it is limited to; empty for all. */
  readonly kinds: readonly string[];
  /** Its properties for Clouddriver, a JSON object. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An agent's offer to feed an account. Two links of one `instanceId` are that process's return. */
export interface AccountOffer extends AccountFacts {
  /** The link it came on; with the account's name it identifies the offer. */
  readonly linkId: string;
}

/** What the agent of an offer that waits was told: nothing yet, to stand by, or no. */
export type WaitingAnswer = 'none' | 'standby' | 'rejected';

/** An offer that is not fed from. It stays until its link goes, and is thought over again. */
export interface WaitingOffer {
  /** The offer. */
  readonly offer: AccountOffer;
  /** What its agent was told. */
  readonly answer: WaitingAnswer;
}

/** Nothing of that name is stored, and nobody offers it. An offer leads to `claiming`. */
export interface Unclaimed {
  readonly kind: 'unclaimed';
}

/**
 * The store is asked to make `claimant` the writer. Leads to `feeding`, to `elsewhere` if another
 * bridge was faster, and to `abandoning` if the claimant goes meanwhile.
 */
export interface Claiming {
  readonly kind: 'claiming';
  /** Who is to feed. */
  readonly claimant: AccountOffer;
  /** The account as it will be. */
  readonly facts: AccountFacts;
  /** The epoch that the store must still have; 0 for "no account". */
  readonly expectedEpoch: number;
  /** Everybody else. */
  readonly waiting: readonly WaitingOffer[];
}

/** The store was asked for a claimant that is gone. Its answer leads to the next one or to grace. */
export interface Abandoning {
  readonly kind: 'abandoning';
  /** The account as it will be. */
  readonly facts: AccountFacts;
  /** Why the claimant is gone. */
  readonly reason: string;
  /** Everybody else. */
  readonly waiting: readonly WaitingOffer[];
}

/** `feeder` is the one writer, by `epoch`. Its loss leads to the next one waiting or to grace. */
export interface Feeding {
  readonly kind: 'feeding';
  /** Who feeds. */
  readonly feeder: AccountOffer;
  /** The account. */
  readonly facts: AccountFacts;
  /** The writer's epoch. */
  readonly epoch: number;
  /** Everybody else. */
  readonly waiting: readonly WaitingOffer[];
}

/**
 * Another bridge has it, and lives. An offer of the process that feeds there is its return and leads
 * to `claiming`; other offers stand by. Out: the store is looked at again and says otherwise.
 */
export interface Elsewhere {
  readonly kind: 'elsewhere';
  /** The account as the store has it. */
  readonly facts: AccountFacts;
  /** The last epoch known. */
  readonly epoch: number;
  /** Name of that bridge; `''` while only a refused write tells of it. */
  readonly bridgeId: string;
  /** What that bridge does: `nothing` means that it feeds; else nobody can take the account over. */
  readonly begun: StoredFacts['begun'];
  /** All offers of this bridge's links. */
  readonly waiting: readonly WaitingOffer[];
}

/**
 * Nobody feeds, through no bridge; the rows stay. An offer of the same cluster leads to `claiming`,
 * the end of the grace period to `removing`, a look at the store perhaps to `elsewhere`.
 */
export interface Disconnected {
  readonly kind: 'disconnected';
  /** The account. */
  readonly facts: AccountFacts;
  /** The last epoch known. */
  readonly epoch: number;
  /** Why, for people. */
  readonly reason: string;
  /** Since when, epoch milliseconds. For people: nothing is decided by it. */
  readonly sinceMs: number;
  /** End of the grace period, epoch milliseconds. For people, too. */
  readonly graceDeadlineMs: number;
  /** Offers of other clusters. */
  readonly waiting: readonly WaitingOffer[];
}

/** The rows are being deleted; offers wait until that is done, since half of them may be gone. */
export interface Removing {
  readonly kind: 'removing';
  /** The account. */
  readonly facts: AccountFacts;
  /** Its last epoch. */
  readonly epoch: number;
  /** Who will be thought over afterwards. */
  readonly waiting: readonly WaitingOffer[];
}

/**
 * The name is given to another cluster: the rows of the old one are being deleted, and all offers
 * wait. Leads to `disconnected` without rows, and from there to an offer of the new cluster.
 */
export interface Moving {
  readonly kind: 'moving';
  /** The account as it will be: with the new cluster. */
  readonly facts: AccountFacts;
  /** Its last epoch. */
  readonly epoch: number;
  /** Who will be thought over afterwards. */
  readonly waiting: readonly WaitingOffer[];
}

/** Where an account stands. */
export type AccountState =
  Unclaimed | Claiming | Abandoning | Feeding | Elsewhere | Disconnected | Removing | Moving;

/** A name of which nothing is known. */
export const unclaimed: AccountState = Object.freeze({ kind: 'unclaimed' });

/** An account as the store has it. */
export interface StoredFacts extends AccountFacts {
  /** Its epoch. */
  readonly epoch: number;
  /** The bridge that has it, or had it last. */
  readonly bridgeId: string;
  /** Whether that bridge still has it: the one that asks itself, or another one that lives. */
  readonly heldBy: 'nobody' | 'self' | 'another';
  /** Deleting of its rows has begun and is not done: nobody may feed it before. */
  readonly begun: 'nothing' | 'removal' | 'move';
}

/** What can happen to an account. */
export type AccountEvent =
  /** An agent offers it. */
  | { readonly kind: 'offered'; readonly offer: AccountOffer }
  /** A link is lost, or its agent takes the account back. */
  | {
      readonly kind: 'left';
      /** The link whose offer is gone. */
      readonly linkId: string;
      /** Why, for people. */
      readonly reason: string;
    }
  /** Somebody wants the name to mean another cluster from now on; `to` is the account as it is to be. */
  | { readonly kind: 'moveAsked'; readonly to: AccountFacts }
  /** The store made the claimant the writer, with this epoch. */
  | { readonly kind: 'tookOver'; readonly epoch: number }
  /** The store had another epoch than expected, or deletes the account's rows. */
  | { readonly kind: 'takeOverLost'; readonly current: StoredFacts | undefined }
  /** The store has a newer epoch than this: a write was refused, or somebody looked. */
  | { readonly kind: 'fenced'; readonly epoch: number }
  /** The store was looked at; the input is no older than the store's last answer. */
  | { readonly kind: 'looked'; readonly current: StoredFacts | undefined }
  /** The grace period is over. `isQuiet`: nobody has committed anything since it began. */
  | { readonly kind: 'graceElapsed'; readonly isQuiet: boolean }
  /** All rows are deleted, and the name is free. */
  | { readonly kind: 'removed' }
  /** All rows are deleted, and the name means the new cluster, with this epoch. */
  | { readonly kind: 'moved'; readonly epoch: number }
  /** Somebody else was faster than the deleting of the rows. */
  | { readonly kind: 'removalLost'; readonly current: StoredFacts | undefined };

/** What happened to an account, and when: `nowMs` in epoch milliseconds, of this bridge's clock. */
export type AccountInput = { readonly nowMs: number } & AccountEvent;

/** Why an offer is rejected. */
export type RejectionReason = 'otherCluster';

/**
 * What is to be done, in this order. `revoked` of an epoch always comes before `accepted` of the
 * next. At most one of `takeOver`, `removeAccount`, `moveAccount` and `look` is under way for an
 * account, but for a `look` that the driver itself began.
 */
export type AccountEffect =
  /** Ask the store; answer with `tookOver` or `takeOverLost`. */
  | {
      readonly kind: 'takeOver';
      /** Who is to feed. */
      readonly offer: AccountOffer;
      /** The account as it will be stored. */
      readonly facts: AccountFacts;
      /** The epoch that the store must still have; 0 for "no account". */
      readonly expectedEpoch: number;
    }
  /** Read its checkpoints, tell the agent to feed, take its batches. */
  | {
      readonly kind: 'accepted';
      /** Who feeds. */
      readonly offer: AccountOffer;
      /** What every write must carry from now on. */
      readonly epoch: number;
    }
  /** Tell the agent to wait. */
  | {
      readonly kind: 'standby';
      /** Whose agent. */
      readonly offer: AccountOffer;
      /** What it is told, for people. */
      readonly reason: string;
    }
  /** Tell the agent no. */
  | {
      readonly kind: 'rejected';
      /** Whose agent. */
      readonly offer: AccountOffer;
      /** Why, for programs. */
      readonly code: RejectionReason;
      /** Why, for people. */
      readonly reason: string;
    }
  /** Take no more batches of this epoch and tell the agent, if it is still there. */
  | {
      readonly kind: 'revoked';
      /** Who fed. */
      readonly offer: AccountOffer;
      /** The epoch that ends. */
      readonly epoch: number;
      /** Why, for people. */
      readonly reason: string;
    }
  /** Write to the store that nobody feeds it, so that other bridges may. */
  | {
      readonly kind: 'recordDisconnected';
      /** The epoch that the store must still have, else nothing is written. */
      readonly epoch: number;
      /** End of the grace period, epoch milliseconds; for people. */
      readonly graceDeadlineMs: number;
    }
  /** Wake the machine with `graceElapsed` after a whole grace period; replaces an earlier one. */
  | { readonly kind: 'startGrace' }
  /** Forget the timer. */
  | { readonly kind: 'stopGrace' }
  /** Delete all rows while the store has this epoch; answer with `removed` or `removalLost`. */
  | { readonly kind: 'removeAccount'; readonly epoch: number }
  /** Delete all rows and write the new cluster; answer with `moved` or `removalLost`. */
  | {
      readonly kind: 'moveAccount';
      /** The epoch that the store must still have. */
      readonly epoch: number;
      /** The account as it is to be. */
      readonly to: AccountFacts;
    }
  /** Read the account from the store; answer with `looked`. */
  | { readonly kind: 'look' };
