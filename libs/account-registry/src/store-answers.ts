/** What the answers of the store, and its refusals, lead to. */
import {
  unclaimed,
  type AccountInput,
  type AccountOffer,
  type AccountState,
  type Feeding,
  type Removing,
  type StoredFacts,
  type WaitingOffer,
} from './account-state.ts';
import { before, same, step, type AccountStep, type Context } from './account-step.ts';
import { claim, claimFrom, mergedFacts, reject } from './claim-account.ts';
import { isSameCluster } from './cluster-identity.ts';
import { disconnected, feederGone, settle } from './offer-rules.ts';

const elsewhere = 'another bridge feeds this account';
/** Another bridge may have come and gone since we looked, so losing once proves nothing. */
const maxAttempts = 2;

/** The bridge starts and finds the account in the store. */
export function onLoaded(
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

/** The store made the claimant the writer. */
export function onTookOver(state: AccountState, epoch: number, context: Context): AccountStep {
  if (state.kind === 'abandoning') return feederGone({ ...state, epoch }, context);
  if (state.kind !== 'claiming') return same(state);
  const { claimant: feeder, facts, waiting } = state;
  const decided = waiting.filter((each) => each.answer !== 'none');
  const undecided = waiting.filter((each) => each.answer === 'none');
  const feeding: Feeding = { kind: 'feeding', feeder, facts, epoch, waiting: decided };
  return before([{ kind: 'accepted', offer: feeder, epoch }], settle(feeding, undecided, context));
}

/** The store had another epoch than expected. */
export function onTakeOverLost(
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

/** A write was refused, since the store has a newer epoch. */
export function onFenced(state: AccountState, epoch: number, context: Context): AccountStep {
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

/** The grace period is over. */
export function onGraceElapsed(
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

/** The store has another writer, or none any more; those who wait go on waiting, or begin anew. */
export function fedElsewhere(
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

function remove(from: Omit<Removing, 'kind'>): AccountStep {
  const { facts, epoch, waiting } = from;
  return step({ kind: 'removing', facts, epoch, waiting }, { kind: 'removeAccount', epoch });
}

function unanswered(offer: AccountOffer): WaitingOffer {
  return { offer, answer: 'none' };
}
