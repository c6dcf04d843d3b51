/** How rows go: at the end of a whole grace period, and when a name is given to another cluster. */
import {
  unclaimed,
  type AccountFacts,
  type AccountState,
  type StoredFacts,
} from './account-state.ts';
import { before, same, step, type AccountStep, type Context } from './account-step.ts';
import { move, remove } from './ask-store.ts';
import { settle } from './offer-rules.ts';
import { found, unfed } from './store-answers.ts';

/** The grace period is over; it begins anew if somebody has committed in it after all. */
export function onGraceElapsed(
  state: AccountState,
  isQuiet: boolean,
  context: Context,
): AccountStep {
  if (state.kind !== 'disconnected') return same(state);
  if (isQuiet) return remove(state);
  const graceDeadlineMs = context.nowMs + context.gracePeriodMs;
  return step({ ...state, graceDeadlineMs }, { kind: 'startGrace' });
}

/** All rows are deleted, and the name is free for whoever came first. */
export function onRemoved(state: AccountState, context: Context): AccountStep {
  return state.kind === 'removing' ? settle(unclaimed, state.waiting, context) : same(state);
}

/**
 * The name is to mean another cluster. While the store is being asked or rows are deleted nothing
 * is begun: whoever wants it may ask again.
 */
export function onMoveAsked(state: AccountState, to: AccountFacts): AccountStep {
  switch (state.kind) {
    case 'feeding': {
      const { feeder: offer, epoch, waiting } = state;
      const reason = 'the name was given to another cluster';
      const all = [{ offer, answer: 'none' } as const, ...waiting];
      return before(
        [{ kind: 'revoked', offer, epoch, reason }],
        move({ facts: to, epoch, waiting: all }),
      );
    }
    case 'elsewhere':
    case 'disconnected': {
      const { epoch, waiting } = state;
      return before([{ kind: 'stopGrace' }], move({ facts: to, epoch, waiting }));
    }
    default:
      return same(state);
  }
}

/** All rows of the old cluster are deleted; a grace period begins for the new one to be offered. */
export function onMoved(state: AccountState, epoch: number, context: Context): AccountStep {
  if (state.kind !== 'moving') return same(state);
  const { facts, waiting } = state;
  const reason = 'the name was given to this cluster, which no agent has offered since';
  return unfed({ facts, epoch, reason, waiting }, context);
}

/** Somebody else was faster: the account is as the store has it. */
export function onRemovalLost(
  state: AccountState,
  current: StoredFacts | undefined,
  context: Context,
): AccountStep {
  if (state.kind !== 'removing' && state.kind !== 'moving') return same(state);
  return found(current, state.waiting, context);
}
