/**
 * Trying a dead letter again: it waits in its account's queue like any delta, so that what came
 * before it is in the database and what comes after it is written after it.
 */
import { type StoredDeadLetter } from '@fairlead/sql-cache';
import { type KnownLetter } from './account-dead-letters.ts';
import { type AccountFeeds } from './account-feeds.ts';
import { UnitBuilder, type UnitLimits } from './unit-builder.ts';
/** What came of it. */
export type ReplayOutcome = /** The row is as the letter says, and the letter is gone. */ {
    readonly kind: 'committed';
} | /** It is put aside again. */ {
    readonly kind: 'refused';
    /** From a bounded set. */
    readonly reason: string;
    /** For people. */
    readonly message: string;
} | /** The object has changed or gone since: there is nothing to try. */ {
    readonly kind: 'superseded';
} | /** No feed of the account brings such objects any more. */ {
    readonly kind: 'noFeed';
} | /** The account is fed by another link or bridge by now. */ {
    readonly kind: 'stopped';
};
/** A letter with its object. */
export interface ReplayLetter extends StoredDeadLetter {
    /** The object's bytes; `undefined` only for one that is to be deleted. */
    readonly payload: Uint8Array | undefined;
}
/** A replay and its end. */
export declare class DeadLetterReplay {
    /** What to try. */
    readonly letter: ReplayLetter;
    /** Resolves once; never rejects. */
    readonly outcome: Promise<ReplayOutcome>;
    /** States how it ended; only the first time counts. */
    readonly settle: (outcome: ReplayOutcome) => void;
    constructor(letter: ReplayLetter);
}
/** What to commit, or why there is nothing to. */
export type Trial = {
    readonly kind: 'unit';
    readonly unit: UnitBuilder;
} | (ReplayOutcome & {
    readonly kind: 'superseded' | 'noFeed';
});
/**
 * The unit that a letter's object makes by now. It clears the letter, unless the object is put aside
 * once more.
 */
export declare function trialOf(letter: ReplayLetter, account: {
    /** The letter as the account's writer knows it. */
    readonly known: KnownLetter | undefined;
    readonly feeds: AccountFeeds;
    readonly limits: UnitLimits | undefined;
}): Trial;
/** What the letter's state after the commit says of the trial. */
export declare function outcomeOf(left: KnownLetter | undefined): ReplayOutcome;
//# sourceMappingURL=dead-letter-replay.d.ts.map