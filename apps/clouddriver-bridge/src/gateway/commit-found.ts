/** Has what was found committed, with some patience while a feed takes a snapshot. */
import { type AheadFate, type AheadObject } from '../ahead-object.ts';

/** What it is committed with. */
export interface CommitFoundDeps {
  /** The account's writer at the moment when the question was asked: no later one knows the answer. */
  readonly writer: { writeAhead(found: AheadObject): Promise<AheadFate> };
  /** Time. */
  readonly clock: { nowMs(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** How long it may take until it is tried the last time, in ms. */
  readonly patienceMs: number;
  readonly signal: AbortSignal;
}

/** Pauses between attempts, in ms: a small snapshot is over at once, a large one takes its time. */
const [firstPauseMs, longestPauseMs] = [20, 500];

/** Resolves when it is in the database, or will not be by this way. */
export async function commitFound(found: AheadObject, deps: CommitFoundDeps): Promise<AheadFate> {
  const { writer, clock, patienceMs, signal } = deps;
  const untilMs = clock.nowMs() + patienceMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, 2 * pauseMs)) {
    const fate = await writer.writeAhead(found);
    if (fate !== 'later' || signal.aborted || clock.nowMs() >= untilMs) return fate;
    // Cut short only by whoever asked: then the last fate is the answer.
    await clock.sleep(pauseMs, signal).catch(() => undefined);
  }
}
