/**
 * Who may feed one account, as a pure machine: `stepAccount(state, input, config)`. The rules:
 * a free name, or one whose feeder is gone, goes to the first agent of the same cluster; another
 * live agent of that cluster stands by; the same agent on a newer link takes over; another cluster
 * is rejected, and the first is not disturbed. Rows go only at the end of a whole grace period in
 * which nobody committed.
 */
import {
  type AccountEffect,
  type AccountFacts,
  type AccountInput,
  type AccountOffer,
  type AccountState,
  type Claiming,
  type Disconnected,
  type Feeding,
  type Removing,
  type StoredFacts,
  type WaitingAnswer,
  type WaitingOffer,
} from './account-state.ts';
import { isSameCluster, mergeClusterIdentity } from './cluster-identity.ts';

/** What the rules need to know. */
export interface AccountConfig {
  /** How long rows stay after the last feeder is gone, ms. */
  readonly gracePeriodMs: number;
}

/** What a step gives. */
export interface AccountStep {
  /** The state from now on. */
  readonly state: AccountState;
  /** What is to be done, in order. */
  readonly effects: readonly AccountEffect[];
}

/** A name of which nothing is known. */
export const unclaimed: AccountState = Object.freeze({ kind: 'unclaimed' });

const elsewhere = 'another bridge feeds this account';
/** Another bridge may have come and gone since we looked, so losing once proves nothing. */
const maxAttempts = 2;

/** One step. Total: an input that means nothing in a state changes nothing. */
export function stepAccount(
  state: AccountState,
  input: AccountInput,
  config: AccountConfig,
): AccountStep {
  const context: Context = { nowMs: input.nowMs, gracePeriodMs: config.gracePeriodMs };
  switch (input.kind) {
    case 'loaded':
      return onLoaded(state, input, context);
    case 'offered':
      return onOffered(state, input.offer, context);
    case 'left':
      return onLeft(state, input, context);
    case 'tookOver':
      return onTookOver(state, input.epoch, context);
    case 'takeOverLost':
      return onTakeOverLost(state, input.current, context);
    case 'fenced':
      return onFenced(state, input.epoch, context);
    case 'reloaded':
      return state.kind === 'disconnected'
        ? fedElsewhere(state.waiting, input.current, context)
        : same(state);
    case 'graceElapsed':
      return onGraceElapsed(state, input.lastCommittedAtMs, context);
    case 'removed':
      return state.kind === 'removing' ? settle(unclaimed, state.waiting, context) : same(state);
    case 'removalLost':
      return state.kind === 'removing'
        ? fedElsewhere(state.waiting, input.current, context)
        : same(state);
  }
}

interface Context {
  readonly nowMs: number;
  readonly gracePeriodMs: number;
}

function onLoaded(
  state: AccountState,
  input: Extract<AccountInput, { kind: 'loaded' }>,
  context: Context,
): AccountStep {
  if (state.kind !== 'unclaimed') return same(state);
  const { epoch, ...facts } = input.stored;
  if (input.isRemovalBegun) return remove({ facts, epoch, waiting: [] });
  const reason = 'no agent has offered it since the bridge started';
  const next = disconnected({ facts, epoch, reason, waiting: [] }, context);
  return step(next, { kind: 'startGrace', deadlineMs: next.graceDeadlineMs });
}

function onOffered(state: AccountState, offer: AccountOffer, context: Context): AccountStep {
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

function onLeft(
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

function onTookOver(state: AccountState, epoch: number, context: Context): AccountStep {
  if (state.kind === 'abandoning') return feederGone({ ...state, epoch }, context);
  if (state.kind !== 'claiming') return same(state);
  const { claimant: feeder, facts, waiting } = state;
  const decided = waiting.filter((each) => each.answer !== 'none');
  const undecided = waiting.filter((each) => each.answer === 'none');
  const feeding: Feeding = { kind: 'feeding', feeder, facts, epoch, waiting: decided };
  return before([{ kind: 'accepted', offer: feeder, epoch }], settle(feeding, undecided, context));
}

function onTakeOverLost(
  state: AccountState,
  current: StoredFacts | undefined,
  context: Context,
): AccountStep {
  if (state.kind === 'abandoning') return fedElsewhere(state.waiting, current, context);
  if (state.kind !== 'claiming') return same(state);
  const { claimant, waiting, attempt } = state;
  if (attempt < maxAttempts && current === undefined) {
    const expectedEpoch = 0;
    return claim({ claimant, facts: claimant, expectedEpoch, waiting, attempt: attempt + 1 });
  }
  if (current === undefined)
    return fedElsewhere([unanswered(claimant), ...waiting], current, context);
  if (!isSameCluster(current, claimant)) {
    const lost = fedElsewhere(waiting, current, context);
    const rejected = lost.state.kind === 'disconnected' ? reject(lost.state, claimant) : lost;
    return before(lost.effects, rejected);
  }
  if (attempt < maxAttempts) {
    const facts = mergedFacts(current, claimant);
    const expectedEpoch = current.epoch;
    return claim({ claimant, facts, expectedEpoch, waiting, attempt: attempt + 1 });
  }
  const told = { offer: claimant, answer: 'standby' } as const;
  const standby = { kind: 'standby', offer: claimant, reason: elsewhere } as const;
  return before([standby], fedElsewhere([told, ...waiting], current, context));
}

function onFenced(state: AccountState, epoch: number, context: Context): AccountStep {
  if (state.kind !== 'feeding' || state.epoch !== epoch) return same(state);
  const { feeder: offer, facts, waiting } = state;
  const told = { offer, answer: 'standby' } as const;
  const all = [told, ...waiting];
  const next = disconnected({ facts, epoch, reason: elsewhere, waiting: all }, context);
  return step(
    next,
    { kind: 'revoked', offer, epoch, reason: elsewhere },
    { kind: 'standby', offer, reason: elsewhere },
    { kind: 'startGrace', deadlineMs: next.graceDeadlineMs },
    { kind: 'reload' },
  );
}

function onGraceElapsed(
  state: AccountState,
  lastCommittedAtMs: number,
  context: Context,
): AccountStep {
  if (state.kind !== 'disconnected') return same(state);
  const quietFromMs = Math.max(state.sinceMs, lastCommittedAtMs);
  const deadlineMs = quietFromMs + context.gracePeriodMs;
  if (deadlineMs > context.nowMs) {
    const isFedElsewhere = lastCommittedAtMs > state.sinceMs;
    const reason = isFedElsewhere ? elsewhere : state.reason;
    return step(
      { ...state, reason, graceDeadlineMs: deadlineMs },
      { kind: 'startGrace', deadlineMs },
    );
  }
  const [next] = state.waiting.filter((each) => each.answer === 'standby');
  return next === undefined ? remove(state) : claimFrom(state, next.offer);
}

/** The feeder of `lost` is gone: the next one of its cluster, or grace. */
function feederGone(
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

/** The store has another writer, or none any more; those who wait go on waiting, or begin anew. */
function fedElsewhere(
  waiting: readonly WaitingOffer[],
  current: StoredFacts | undefined,
  context: Context,
): AccountStep {
  if (current === undefined) {
    return before([{ kind: 'stopGrace' }], settle(unclaimed, waiting, context));
  }
  const { epoch, ...facts } = current;
  const decided = waiting.filter((each) => each.answer !== 'none');
  const undecided = waiting.filter((each) => each.answer === 'none');
  const next = disconnected({ facts, epoch, reason: elsewhere, waiting: decided }, context);
  return before(
    [{ kind: 'startGrace', deadlineMs: next.graceDeadlineMs }],
    settle(next, undecided, context),
  );
}

/** Thinks all of `offers` over, in the order in which they came. */
function settle(
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

function claimFrom(
  from: { facts: AccountFacts; epoch: number; waiting: readonly WaitingOffer[] },
  claimant: AccountOffer,
): AccountStep {
  const facts = mergedFacts(from.facts, claimant);
  const waiting = without(from.waiting, claimant.linkId);
  return claim({ claimant, facts, expectedEpoch: from.epoch, attempt: 1, waiting });
}

function claim(claiming: Omit<Claiming, 'kind'>): AccountStep {
  const { claimant: offer, expectedEpoch } = claiming;
  const { agentId, cluster, kinds, properties } = claiming.facts;
  const facts: AccountFacts = { agentId, cluster, kinds, properties };
  return step(
    { kind: 'claiming', ...claiming, facts },
    { kind: 'takeOver', offer, facts, expectedEpoch },
  );
}

function remove(from: Omit<Removing, 'kind'>): AccountStep {
  const { facts, epoch, waiting } = from;
  return step({ kind: 'removing', facts, epoch, waiting }, { kind: 'removeAccount', epoch });
}

function reject(
  state: Exclude<AccountState, { kind: 'unclaimed' }>,
  offer: AccountOffer,
): AccountStep {
  const reason = `the name belongs to another cluster (${describe(state.facts)})`;
  return step(withWaiting(state, offer, 'rejected'), {
    kind: 'rejected',
    offer,
    code: 'otherCluster',
    reason,
  });
}

function describe(facts: AccountFacts): string {
  const { server, uid } = facts.cluster;
  return uid === '' ? server : `${server}, uid ${uid}`;
}

function disconnected(
  from: { facts: AccountFacts; epoch: number; reason: string; waiting: readonly WaitingOffer[] },
  context: Context,
): Disconnected {
  const { facts, epoch, reason, waiting } = from;
  const graceDeadlineMs = context.nowMs + context.gracePeriodMs;
  const sinceMs = context.nowMs;
  return { kind: 'disconnected', facts, epoch, reason, sinceMs, graceDeadlineMs, waiting };
}

function mergedFacts(known: AccountFacts, offer: AccountOffer): AccountFacts {
  const cluster = mergeClusterIdentity(known.cluster, offer.cluster);
  const { agentId, kinds, properties } = offer;
  return { agentId, cluster, kinds, properties };
}

function withWaiting<S extends { readonly waiting: readonly WaitingOffer[] }>(
  state: S,
  offer: AccountOffer,
  answer: WaitingAnswer,
): S {
  return { ...state, waiting: [...without(state.waiting, offer.linkId), { offer, answer }] };
}

function unanswered(offer: AccountOffer): WaitingOffer {
  return { offer, answer: 'none' };
}

function without(waiting: readonly WaitingOffer[], linkId: string): readonly WaitingOffer[] {
  return waiting.filter((each) => each.offer.linkId !== linkId);
}

function same(state: AccountState): AccountStep {
  return { state, effects: [] };
}

function step(state: AccountState, ...effects: AccountEffect[]): AccountStep {
  return { state, effects };
}

function before(effects: readonly AccountEffect[], then: AccountStep): AccountStep {
  return { state: then.state, effects: [...effects, ...then.effects] };
}
