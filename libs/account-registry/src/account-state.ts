/**
 * The words of the account machine: where an account stands, what can happen to it, and what is to
 * be done about it. `account-machine.ts` has the rules.
 */
import { type ClusterIdentity } from './cluster-identity.ts';

/** What an account is, whoever feeds it. */
export interface AccountFacts {
  /** Name of the agent that feeds it, or did last. */
  readonly agentId: string;
  /** The cluster behind it. */
  readonly cluster: ClusterIdentity;
  /** Spinnaker kinds it is limited to; empty for all. */
  readonly kinds: readonly string[];
  /** Its properties for Clouddriver, a JSON object. */
  readonly properties: Readonly<Record<string, unknown>>;
}

/** An agent's offer to feed an account. Two links of one `agentId` are that agent's return. */
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
 * The store is asked to make `claimant` the writer. Leads to `feeding`, to `disconnected` if another
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
  /** How many times the store was asked for this claimant, from 1. */
  readonly attempt: number;
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
 * Nobody feeds through this bridge; the rows stay. An offer of the same cluster leads to `claiming`,
 * the end of the grace period to `removing`.
 */
export interface Disconnected {
  readonly kind: 'disconnected';
  /** The account. */
  readonly facts: AccountFacts;
  /** The last epoch known. */
  readonly epoch: number;
  /** Why, for people. */
  readonly reason: string;
  /** Since when, epoch milliseconds. */
  readonly sinceMs: number;
  /** End of the grace period, epoch milliseconds. */
  readonly graceDeadlineMs: number;
  /** Offers of other clusters, and those that another bridge was faster than. */
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

/** Where an account stands. */
export type AccountState = Unclaimed | Claiming | Abandoning | Feeding | Disconnected | Removing;

/** A name of which nothing is known. */
export const unclaimed: AccountState = Object.freeze({ kind: 'unclaimed' });

/** An account as the store has it. */
export interface StoredFacts extends AccountFacts {
  /** Its epoch. */
  readonly epoch: number;
}

/** What can happen to an account. Every input says when: `nowMs`, epoch milliseconds. */
export type AccountInput = { readonly nowMs: number } & (
  | /** The bridge starts and finds the account in the store. */ {
      readonly kind: 'loaded';
      readonly stored: StoredFacts;
      /** Whether its removal had begun. */
      readonly isRemovalBegun: boolean;
    }
  | /** An agent offers it. */ { readonly kind: 'offered'; readonly offer: AccountOffer }
  | /** A link is lost, or its agent takes the account back. */ {
      readonly kind: 'left';
      readonly linkId: string;
      readonly reason: string;
    }
  | /** The store made the claimant the writer. */ {
      readonly kind: 'tookOver';
      readonly epoch: number;
    }
  | /** The store had another epoch than expected. */ {
      readonly kind: 'takeOverLost';
      readonly current: StoredFacts | undefined;
    }
  | /** A write was refused, since the store has a newer epoch. */ {
      readonly kind: 'fenced';
      readonly epoch: number;
    }
  | /** The store was read again after `fenced`. */ {
      readonly kind: 'reloaded';
      readonly current: StoredFacts | undefined;
    }
  | /** The grace period is over. */ {
      readonly kind: 'graceElapsed';
      /** When anybody last committed for the account, epoch milliseconds; 0 if unknown. */
      readonly lastCommittedAtMs: number;
    }
  | /** All rows are deleted. */ { readonly kind: 'removed' }
  | /** Somebody took the account over while its rows were being deleted. */ {
      readonly kind: 'removalLost';
      readonly current: StoredFacts | undefined;
    }
);

/** Why an offer is rejected. */
export type RejectionReason = 'otherCluster';

/**
 * What is to be done, in this order. `revoked` of an epoch always comes before `accepted` of the
 * next. At most one of `takeOver`, `removeAccount` and `reload` is under way for an account.
 */
export type AccountEffect =
  | /** Ask the store; answer with `tookOver` or `takeOverLost`. */ {
      readonly kind: 'takeOver';
      readonly offer: AccountOffer;
      readonly facts: AccountFacts;
      readonly expectedEpoch: number;
    }
  | /** Read its checkpoints, tell the agent to feed, take its batches. */ {
      readonly kind: 'accepted';
      readonly offer: AccountOffer;
      readonly epoch: number;
    }
  | /** Tell the agent to wait. */ {
      readonly kind: 'standby';
      readonly offer: AccountOffer;
      readonly reason: string;
    }
  | /** Tell the agent no. */ {
      readonly kind: 'rejected';
      readonly offer: AccountOffer;
      readonly code: RejectionReason;
      readonly reason: string;
    }
  | /** Take no more batches of this epoch and tell the agent, if it is still there. */ {
      readonly kind: 'revoked';
      readonly offer: AccountOffer;
      readonly epoch: number;
      readonly reason: string;
    }
  | /** Write the end of the grace period to the store. */ {
      readonly kind: 'recordDisconnected';
      readonly epoch: number;
      readonly graceDeadlineMs: number;
    }
  | /** Wake the machine with `graceElapsed`; replaces an earlier one. */ {
      readonly kind: 'startGrace';
      readonly deadlineMs: number;
    }
  | /** Forget the timer. */ { readonly kind: 'stopGrace' }
  | /** Delete all rows; answer with `removed` or `removalLost`. */ {
      readonly kind: 'removeAccount';
      readonly epoch: number;
    }
  | /** Read the account from the store; answer with `reloaded`. */ { readonly kind: 'reload' };
