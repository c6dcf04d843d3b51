/** Where an account stands, for people and for the API: coarser than the machine's state. */
import { type AccountFacts, type AccountState, type WaitingOffer } from './account-state.ts';

/** An offer that is not fed from. */
export interface WaitingView {
  /** Its link. */
  readonly linkId: string;
  /** Its agent. */
  readonly agentId: string;
  /** `undecided` lasts only while the database is asked. */
  readonly role: 'undecided' | 'standby' | 'rejected';
}

/** One account. */
export interface AccountView {
  /** The account. */
  readonly name: string;
  /**
   * `connecting`: the database is being asked; `elsewhere`: fed through another bridge;
   * `disconnected`: nobody feeds, the rows stay; `removing`: they are being deleted.
   */
  readonly state: 'connecting' | 'feeding' | 'elsewhere' | 'disconnected' | 'removing';
  /** The bridge that has it, if it is another one. */
  readonly bridgeId: string;
  /** Cluster, kinds, properties and the last agent. */
  readonly facts: AccountFacts;
  /** Link of the feeder, `''` if nobody feeds. */
  readonly linkId: string;
  /** The writer's epoch, 0 while it is not known. */
  readonly epoch: number;
  /** Why nobody feeds; `''` if somebody does. */
  readonly reason: string;
  /** Since when nobody feeds, epoch milliseconds; 0 if somebody does. */
  readonly sinceMs: number;
  /** When the rows go, epoch milliseconds; 0 if they do not. */
  readonly graceDeadlineMs: number;
  /** Everybody else who offers it. */
  readonly waiting: readonly WaitingView[];
}

/** The view of a state; `undefined` when there is no account. */
export function viewAccount(name: string, state: AccountState): AccountView | undefined {
  if (state.kind === 'unclaimed') return undefined;
  const { facts } = state;
  const waiting = state.waiting.map(viewWaiting);
  const quiet = { linkId: '', bridgeId: '', epoch: 0, reason: '', sinceMs: 0, graceDeadlineMs: 0 };
  const base = { name, facts, waiting, ...quiet };
  switch (state.kind) {
    case 'claiming':
      return { ...base, state: 'connecting', linkId: state.claimant.linkId };
    case 'abandoning':
      return { ...base, state: 'connecting', reason: state.reason };
    case 'feeding':
      return { ...base, state: 'feeding', linkId: state.feeder.linkId, epoch: state.epoch };
    case 'elsewhere': {
      const { epoch, bridgeId } = state;
      return { ...base, state: 'elsewhere', epoch, bridgeId };
    }
    case 'disconnected': {
      const { epoch, reason, sinceMs, graceDeadlineMs } = state;
      return { ...base, state: 'disconnected', epoch, reason, sinceMs, graceDeadlineMs };
    }
    case 'removing':
      return { ...base, state: 'removing', epoch: state.epoch, reason: 'its grace period is over' };
    case 'moving': {
      const reason = 'the rows of the cluster that had the name before are being removed';
      return { ...base, state: 'removing', epoch: state.epoch, reason };
    }
  }
}

function viewWaiting({ offer, answer }: WaitingOffer): WaitingView {
  const role = answer === 'none' ? 'undecided' : answer;
  return { linkId: offer.linkId, agentId: offer.agentId, role };
}
