/**
 * Who may feed one account, as a pure machine: `stepAccount(state, input, config)`. What offers lead
 * to is in `offer-rules.ts`, what the store's answers lead to in `store-answers.ts`, and how rows go
 * in `remove-rows.ts`.
 */
import { type AccountInput, type AccountState } from './account-state.ts';
import { type AccountStep, type Context } from './account-step.ts';
import { onLeft, onOffered } from './offer-rules.ts';
import { onGraceElapsed, onMoveAsked, onMoved, onRemovalLost, onRemoved } from './remove-rows.ts';
import { onFenced, onLooked, onTakeOverLost, onTookOver } from './store-answers.ts';

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
    case 'offered':
      return onOffered(state, input.offer, context);
    case 'left':
      return onLeft(state, input, context);
    case 'moveAsked':
      return onMoveAsked(state, input.to);
    case 'tookOver':
      return onTookOver(state, input.epoch, context);
    case 'takeOverLost':
      return onTakeOverLost(state, input.current, context);
    case 'fenced':
      return onFenced(state, input.epoch);
    case 'looked':
      return onLooked(state, input.current, context);
    case 'graceElapsed':
      return onGraceElapsed(state, input.isQuiet, context);
    case 'removed':
      return onRemoved(state, context);
    case 'moved':
      return onMoved(state, input.epoch, context);
    case 'removalLost':
      return onRemovalLost(state, input.current, context);
  }
}
