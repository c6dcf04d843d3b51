/**
 * Who may feed one account, as a pure machine: `stepAccount(state, input, config)`. What offers lead
 * to is in `offer-rules.ts`, what the store's answers lead to in `store-answers.ts`. Rows go only at
 * the end of a whole grace period in which nobody committed.
 */
import { unclaimed, type AccountInput, type AccountState } from './account-state.ts';
import { same, type AccountStep, type Context } from './account-step.ts';
import { onLeft, onOffered, settle } from './offer-rules.ts';
import {
  fedElsewhere,
  onFenced,
  onGraceElapsed,
  onLoaded,
  onTakeOverLost,
  onTookOver,
} from './store-answers.ts';

/** What the rules need to know. */
export interface AccountConfig {
  /** How long rows stay after the last feeder is gone, ms. */
  readonly gracePeriodMs: number;
}

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
