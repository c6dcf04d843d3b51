/** What a step of the account machine is made of, and the small moves that all rules share. */
import {
  type AccountEffect,
  type AccountOffer,
  type AccountState,
  type WaitingAnswer,
  type WaitingOffer,
} from './account-state.ts';

/** What a step gives. */
export interface AccountStep {
  /** The state from now on. */
  readonly state: AccountState;
  /** What is to be done, in order. */
  readonly effects: readonly AccountEffect[];
}

/** What the rules know beside the state and the input. */
export interface Context {
  /** When the input came, epoch milliseconds. */
  readonly nowMs: number;
  /** How long rows stay after the last feeder is gone, ms. */
  readonly gracePeriodMs: number;
}

/** Nothing to do. */
export function same(state: AccountState): AccountStep {
  return { state, effects: [] };
}

/** A state, and what is to be done. */
export function step(state: AccountState, ...effects: AccountEffect[]): AccountStep {
  return { state, effects };
}

/** The effects, and then those of another step. */
export function before(effects: readonly AccountEffect[], then: AccountStep): AccountStep {
  return { state: then.state, effects: [...effects, ...then.effects] };
}

/** The offer waits; an older one of its link is forgotten. */
export function withWaiting<S extends { readonly waiting: readonly WaitingOffer[] }>(
  state: S,
  offer: AccountOffer,
  answer: WaitingAnswer,
): S {
  return { ...state, waiting: [...without(state.waiting, offer.linkId), { offer, answer }] };
}

/** Those of other links. */
export function without(waiting: readonly WaitingOffer[], linkId: string): readonly WaitingOffer[] {
  return waiting.filter((each) => each.offer.linkId !== linkId);
}

/** Tells the agent that somebody else has the account. */
export function standBy(state: Known, offer: AccountOffer, reason: string): AccountStep {
  return step(withWaiting(state, offer, 'standby'), { kind: 'standby', offer, reason });
}

/** Tells the agent that the name belongs to another cluster. */
export function reject(state: Known, offer: AccountOffer): AccountStep {
  const { server, uid } = state.facts.cluster;
  const cluster = [...(server === '' ? [] : [server]), ...(uid === '' ? [] : [`uid ${uid}`])];
  const reason = `the name belongs to another cluster (${cluster.join(', ')})`;
  const told = { kind: 'rejected', offer, code: 'otherCluster', reason } as const;
  return step(withWaiting(state, offer, 'rejected'), told);
}

type Known = Exclude<AccountState, { kind: 'unclaimed' }>;
