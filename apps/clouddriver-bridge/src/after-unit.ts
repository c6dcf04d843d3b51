/**
 * What happens between the commit of a unit and that of the next one: feeds are swept, a feed is
 * retired, a dead letter is tried again.
 */
import { type AccountDeadLetters } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { outcomeOf, trialOf, type ReplayLetter, type ReplayOutcome } from './dead-letter-replay.ts';
import { retireFeed, sweepFeeds, type RowRemovalDeps } from './row-removal.ts';
import { type UnitLimits } from './unit-builder.ts';
import { type Afterwards } from './unit-gathering.ts';

/** What it is done with. */
export interface AfterUnitDeps extends RowRemovalDeps {
  /** The account's feeds. */
  readonly feeds: AccountFeeds;
  /** What the account has put aside. */
  readonly letters: AccountDeadLetters;
  /** @defaultValue `unitLimits` */
  readonly limits: UnitLimits | undefined;
}

/** Does what must follow a unit that is committed, unless nothing may be written any more. */
export async function finishUnit(afterwards: Afterwards, deps: AfterUnitDeps): Promise<void> {
  if (deps.isStopped()) return;
  switch (afterwards.kind) {
    case 'nothing':
      return;
    case 'sweep':
      return sweepFeeds(afterwards.feeds, deps);
    case 'retire':
      return retireFeed(afterwards.feed, deps);
    case 'replay':
      afterwards.replay.settle(await tryLetter(afterwards.replay.letter, deps));
  }
}

/** Commits what a letter says now, unless something newer was committed since it was written. */
async function tryLetter(letter: ReplayLetter, deps: AfterUnitDeps): Promise<ReplayOutcome> {
  const { letters, feeds, limits } = deps;
  const trial = trialOf(letter, { known: letters.get(letter.id), feeds, limits });
  if (trial.kind !== 'unit') return trial;
  await deps.commit(trial.unit);
  return deps.isStopped() ? { kind: 'stopped' } : outcomeOf(letters.get(letter.id));
}
