/** What the answers of the store, its refusals and a look at it lead to. */
import {
  unclaimed,
  type AccountState,
  type Feeding,
  type StoredFacts,
  type WaitingOffer,
} from './account-state.ts';
import { before, same, step, type AccountStep, type Context } from './account-step.ts';
import { claim, claimFrom, factsOf, move, remove } from './ask-store.ts';
import { isSameCluster } from './cluster-identity.ts';
import {
  candidate,
  disconnected,
  elsewhere,
  feederGone,
  isSameProcess,
  reconsidered,
  settle,
  type Unfed,
} from './offer-rules.ts';

/** The store made the claimant the writer. */
export function onTookOver(state: AccountState, epoch: number, context: Context): AccountStep {
  if (state.kind === 'abandoning') return feederGone({ ...state, epoch }, context);
  if (state.kind !== 'claiming') return same(state);
  const { claimant: feeder, facts, waiting } = state;
  const feeding: Feeding = { kind: 'feeding', feeder, facts, epoch, waiting };
  return before([{ kind: 'accepted', offer: feeder, epoch }], reconsidered(feeding, context));
}

/**
 * The store had another epoch than expected. Whoever had it before us is asked for again as long as
 * no other bridge holds the account: the store may also have taken us over and failed to say so.
 */
export function onTakeOverLost(
  state: AccountState,
  current: StoredFacts | undefined,
  context: Context,
): AccountStep {
  if (state.kind === 'abandoning') return found(current, state.waiting, context);
  if (state.kind !== 'claiming') return same(state);
  const { claimant, waiting } = state;
  if (current === undefined) {
    return claim({ claimant, facts: claimant, expectedEpoch: 0, waiting });
  }
  const isReturn = isSameProcess(current, claimant) && isSameCluster(current, claimant);
  if (current.begun === 'nothing' && isReturn) {
    return claimFrom({ facts: current, epoch: current.epoch, waiting }, claimant);
  }
  return found(current, [{ offer: claimant, answer: 'none' }, ...waiting], context);
}

/** The store has a newer epoch than the feeder's. */
export function onFenced(state: AccountState, epoch: number): AccountStep {
  if (state.kind !== 'feeding' || state.epoch !== epoch) return same(state);
  const { feeder: offer, facts } = state;
  const waiting: WaitingOffer[] = [{ offer, answer: 'standby' }, ...state.waiting];
  return step(
    { kind: 'elsewhere', facts, epoch, bridgeId: '', begun: 'nothing', waiting },
    { kind: 'revoked', offer, epoch, reason: elsewhere },
    { kind: 'standby', offer, reason: elsewhere },
    { kind: 'look' },
  );
}

/** The store was looked at: nothing of it is newer than what this bridge itself has done. */
export function onLooked(
  state: AccountState,
  current: StoredFacts | undefined,
  context: Context,
): AccountStep {
  switch (state.kind) {
    case 'unclaimed':
      return found(current, [], context);
    case 'elsewhere':
      return found(current, state.waiting, context);
    case 'disconnected':
      // Its timer goes on as long as nothing has changed.
      if (current !== undefined && isAsKnown(state, current)) return same(state);
      return before([{ kind: 'stopGrace' }], found(current, state.waiting, context));
    case 'feeding':
      return current?.epoch === state.epoch ? same(state) : onFenced(state, state.epoch);
    default:
      return same(state);
  }
}

function isAsKnown(state: { readonly epoch: number }, current: StoredFacts): boolean {
  const isFree = current.heldBy === 'nobody' && current.begun === 'nothing';
  return isFree && current.epoch === state.epoch;
}

/** The account is as the store has it; `waiting` are all offers of this bridge's links. */
export function found(
  current: StoredFacts | undefined,
  waiting: readonly WaitingOffer[],
  context: Context,
): AccountStep {
  if (current === undefined) return settle(unclaimed, waiting, context);
  const { epoch, bridgeId, begun } = current;
  const facts = factsOf(current);
  if (current.heldBy === 'another') {
    return reconsidered({ kind: 'elsewhere', facts, epoch, bridgeId, begun, waiting }, context);
  }
  if (begun === 'removal') return remove({ facts, epoch, waiting });
  if (begun === 'move') return move({ facts, epoch, waiting });
  const reason = 'no agent offers it to any bridge';
  const lost: Unfed = { facts, epoch, reason, waiting };
  // The store took an offer that is gone, or whose answer was lost: other bridges believe it.
  return current.heldBy === 'self' ? feederGone(lost, context) : unfed(lost, context);
}

/** Nobody feeds it: the next one of its cluster, or a grace period. */
export function unfed(from: Unfed, context: Context): AccountStep {
  const next = candidate(from);
  if (next !== undefined) return claimFrom(from, next);
  return before([{ kind: 'startGrace' }], reconsidered(disconnected(from, context), context));
}
