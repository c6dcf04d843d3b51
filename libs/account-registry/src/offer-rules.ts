/**
 * What offers and their end lead to: a free name, or one whose feeder is gone, goes to the first
 * agent of the same cluster; another live agent of that cluster, or another replica of the same one,
 * stands by; the same process on a newer link takes over; another cluster is rejected, and the first is not disturbed.
 */
import {
  type AccountEffect,
  type AccountFacts,
  type AccountOffer,
  type AccountState,
  type Claiming,
  type Disconnected,
  type Elsewhere,
  type Feeding,
  type WaitingOffer,
} from './account-state.ts';
import {
  before,
  reject,
  same,
  standBy,
  withWaiting,
  without,
  type AccountStep,
  type Context,
} from './account-step.ts';
import { claim, claimFrom } from './ask-store.ts';
import { isSameCluster } from './cluster-identity.ts';

/** Told to agents whose account another bridge has. */
export const elsewhere = 'another bridge feeds this account';

/** An agent offers the account. */
export function onOffered(state: AccountState, offer: AccountOffer, context: Context): AccountStep {
  switch (state.kind) {
    case 'unclaimed':
      return claim({ claimant: offer, facts: offer, expectedEpoch: 0, waiting: [] });
    case 'claiming':
      return offeredWhileTaken(state, { offer, holder: state.claimant }, context);
    case 'feeding':
      return offeredWhileTaken(state, { offer, holder: state.feeder }, context);
    case 'elsewhere':
      return offeredWhileElsewhere(state, offer);
    case 'disconnected':
      return offeredWhileDisconnected(state, offer);
    case 'abandoning':
      return same(withWaiting(state, offer, 'none'));
    case 'removing':
      return standBy(state, offer, 'its rows are being removed');
    case 'moving':
      return standBy(state, offer, "the rows of the name's old cluster are being removed");
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
  if (!isSameProcess(holder, offer)) {
    const who = holder.agentId === offer.agentId ? 'another replica of agent' : 'agent';
    return standBy(state, offer, `${who} ${holder.agentId} feeds it`);
  }
  if (state.kind === 'claiming') return same(withWaiting(state, offer, 'none'));
  const { epoch } = state;
  if (isSameLink) {
    const reason = 'offered again';
    return before([{ kind: 'revoked', offer: holder, epoch, reason }], claimFrom(state, offer));
  }
  // The older link may still seem alive, so it is not forgotten.
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

/** Its own agent has lost the link to that bridge, which need not have noticed. */
function offeredWhileElsewhere(state: Elsewhere, offer: AccountOffer): AccountStep {
  if (!isSameCluster(state.facts, offer)) return reject(state, offer);
  const isFed = state.begun === 'nothing';
  if (isFed && isSameProcess(state.facts, offer)) return claimFrom(state, offer);
  return standBy(state, offer, elsewhere);
}

function offeredWhileDisconnected(state: Disconnected, offer: AccountOffer): AccountStep {
  if (!isSameCluster(state.facts, offer)) return reject(state, offer);
  return before([{ kind: 'stopGrace' }], claimFrom(state, offer));
}

/** Whether `after` is on a newer link than `before`, but the same process of an agent. */
export function isSameProcess(before: AccountFacts, after: AccountFacts): boolean {
  return before.agentId === after.agentId && before.instanceId === after.instanceId;
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
export function feederGone(lost: Unfed, context: Context): AccountStep {
  const next = candidate(lost);
  if (next !== undefined) return claimFrom(lost, next);
  const grace = disconnected(lost, context);
  const { epoch, graceDeadlineMs } = grace;
  const recorded = { kind: 'recordDisconnected', epoch, graceDeadlineMs } as const;
  return before([recorded, { kind: 'startGrace' }], reconsidered(grace, context));
}

/** An account that nobody feeds. */
export interface Unfed {
  /** The account. */
  readonly facts: AccountFacts;
  /** Its last epoch. */
  readonly epoch: number;
  /** Why nobody feeds it, for people. */
  readonly reason: string;
  /** All offers. */
  readonly waiting: readonly WaitingOffer[];
}

/** Nobody feeds it; its grace period begins. */
export function disconnected(from: Unfed, context: Context): Disconnected {
  const { facts, epoch, reason, waiting } = from;
  const graceDeadlineMs = context.nowMs + context.gracePeriodMs;
  const sinceMs = context.nowMs;
  return { kind: 'disconnected', facts, epoch, reason, sinceMs, graceDeadlineMs, waiting };
}

/** Who is to feed an account that nobody feeds: the first one of its cluster. */
export function candidate(unfed: Pick<Unfed, 'facts' | 'waiting'>): AccountOffer | undefined {
  return unfed.waiting.find(({ offer }) => isSameCluster(unfed.facts, offer))?.offer;
}

/** Offers whose answer does not fit the account (any more) are thought over again, the others stay. */
export function reconsidered(
  state: Feeding | Elsewhere | Disconnected,
  context: Context,
): AccountStep {
  const fits = ({ offer, answer }: WaitingOffer) => {
    return answer === (isSameCluster(state.facts, offer) ? 'standby' : 'rejected');
  };
  const waiting = state.waiting.filter(fits);
  const others = state.waiting.filter((each) => !fits(each));
  return settle({ ...state, waiting }, others, context);
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
