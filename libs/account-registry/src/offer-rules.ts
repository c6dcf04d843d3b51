/**
 * What offers and their end lead to: a free name, or one whose feeder is gone, goes to the first
 * agent of the same cluster; another live agent of that cluster stands by; the same agent on a newer
 * link takes over; another cluster is rejected, and the first is not disturbed.
 */
import {
  type AccountEffect,
  type AccountFacts,
  type AccountOffer,
  type AccountState,
  type Claiming,
  type Disconnected,
  type Feeding,
  type WaitingOffer,
} from './account-state.ts';
import {
  before,
  same,
  step,
  withWaiting,
  without,
  type AccountStep,
  type Context,
} from './account-step.ts';
import { claim, claimFrom, reject } from './claim-account.ts';
import { isSameCluster } from './cluster-identity.ts';

/** An agent offers the account. */
export function onOffered(state: AccountState, offer: AccountOffer, context: Context): AccountStep {
  switch (state.kind) {
    case 'unclaimed':
      return claim({ claimant: offer, facts: offer, expectedEpoch: 0, attempt: 1, waiting: [] });
    case 'claiming':
      return offeredWhileTaken(state, { offer, holder: state.claimant }, context);
    case 'feeding':
      return offeredWhileTaken(state, { offer, holder: state.feeder }, context);
    case 'disconnected':
      return offeredWhileDisconnected(state, offer);
    case 'abandoning':
      return same(withWaiting(state, offer, 'none'));
    case 'removing': {
      const reason = 'its rows are being removed';
      return step(withWaiting(state, offer, 'standby'), { kind: 'standby', offer, reason });
    }
  }
}

function offeredWhileTaken(
  state: Claiming | Feeding,
  agents: { readonly offer: AccountOffer; readonly holder: AccountOffer },
  context: Context,
): AccountStep {
  const { offer, holder } = agents;
  const isSameLink = holder.linkId === offer.linkId;
  if (!isSameCluster(state.facts, offer)) {
    return isSameLink ? replaced(state, offer, context) : reject(state, offer);
  }
  if (holder.agentId !== offer.agentId) {
    const reason = `agent ${holder.agentId} feeds it`;
    return step(withWaiting(state, offer, 'standby'), { kind: 'standby', offer, reason });
  }
  if (state.kind === 'claiming') return same(withWaiting(state, offer, 'none'));
  const { epoch } = state;
  if (isSameLink) {
    const reason = 'offered again';
    return before([{ kind: 'revoked', offer: holder, epoch, reason }], claimFrom(state, offer));
  }
  // The older link may still be alive (two agents of one name), so it is not forgotten.
  const reason = 'its agent came back on a newer link';
  const told = withWaiting(state, holder, 'standby');
  return before(
    [
      { kind: 'revoked', offer: holder, epoch, reason },
      { kind: 'standby', offer: holder, reason },
    ],
    claimFrom(told, offer),
  );
}

/** The feeder's own agent means another cluster by the name now: the old one is gone. */
function replaced(state: Claiming | Feeding, offer: AccountOffer, context: Context): AccountStep {
  const reason = 'its agent offers another cluster now';
  const gone = onLeft(state, { linkId: offer.linkId, reason }, context);
  return before(gone.effects, onOffered(gone.state, offer, context));
}

function offeredWhileDisconnected(state: Disconnected, offer: AccountOffer): AccountStep {
  if (!isSameCluster(state.facts, offer)) return reject(state, offer);
  return before([{ kind: 'stopGrace' }], claimFrom(state, offer));
}

/** A link is lost, or its agent takes the account back. */
export function onLeft(
  state: AccountState,
  input: { readonly linkId: string; readonly reason: string },
  context: Context,
): AccountStep {
  const { linkId, reason } = input;
  if (state.kind === 'unclaimed') return same(state);
  const waiting = without(state.waiting, linkId);
  if (state.kind === 'claiming' && state.claimant.linkId === linkId) {
    return same({ kind: 'abandoning', facts: state.facts, reason, waiting });
  }
  if (state.kind === 'feeding' && state.feeder.linkId === linkId) {
    const { feeder, facts, epoch } = state;
    const revoked = { kind: 'revoked', offer: feeder, epoch, reason } as const;
    return before([revoked], feederGone({ facts, epoch, reason, waiting }, context));
  }
  return same({ ...state, waiting });
}

/** The feeder of `lost` is gone: the next one of its cluster, or grace. */
export function feederGone(
  lost: { facts: AccountFacts; epoch: number; reason: string; waiting: readonly WaitingOffer[] },
  context: Context,
): AccountStep {
  const next = lost.waiting.find((each) => isCandidate(lost.facts, each));
  if (next !== undefined) return claimFrom(lost, next.offer);
  const rejected = lost.waiting.filter((each) => each.answer === 'rejected');
  const others = lost.waiting.filter((each) => each.answer !== 'rejected');
  const grace = disconnected({ ...lost, waiting: rejected }, context);
  const { epoch, graceDeadlineMs } = grace;
  return before(
    [
      { kind: 'recordDisconnected', epoch, graceDeadlineMs },
      { kind: 'startGrace', deadlineMs: graceDeadlineMs },
    ],
    settle(grace, others, context),
  );
}

function isCandidate(facts: AccountFacts, waiting: WaitingOffer): boolean {
  return waiting.answer !== 'rejected' && isSameCluster(facts, waiting.offer);
}

/** Thinks all of `offers` over, in the order in which they came. */
export function settle(
  from: AccountState,
  offers: readonly WaitingOffer[],
  context: Context,
): AccountStep {
  let state = from;
  const effects: AccountEffect[] = [];
  for (const { offer } of offers) {
    const next = onOffered(state, offer, context);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

/** Nobody feeds it; its grace period begins. */
export function disconnected(
  from: { facts: AccountFacts; epoch: number; reason: string; waiting: readonly WaitingOffer[] },
  context: Context,
): Disconnected {
  const { facts, epoch, reason, waiting } = from;
  const graceDeadlineMs = context.nowMs + context.gracePeriodMs;
  const sinceMs = context.nowMs;
  return { kind: 'disconnected', facts, epoch, reason, sinceMs, graceDeadlineMs, waiting };
}
