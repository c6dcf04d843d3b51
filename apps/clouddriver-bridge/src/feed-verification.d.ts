/**
 * One verification of one feed: reads the rows' versions, asks the cluster for its digest, and where
 * they differ has the feed take a snapshot, which brings what is missing and removes what is too
 * much. `anti-entropy.ts` says when.
 */
import { type SqlCache } from '@fairlead/sql-cache';
import { type FeedIntake } from './feed-intake.ts';
import { type BridgeSays } from './link-session.ts';
import { type RepairedRows } from './repair-tally.ts';
import { type ScanDeps } from './scan-versions.ts';
/** What a verification works with. */
export interface VerificationDeps extends ScanDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'listIds' | 'versionsOf' | 'commit'>;
    /** Time. */
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
}
/** The feed. */
export interface VerificationRequest {
    /** Its rows. */
    readonly intake: FeedIntake;
    /** The epoch that is written by. */
    readonly epoch: number;
    /** Resolves when what deltas have said so far is in the database. */
    readonly flushed: () => Promise<void>;
    /** Asks the agent. */
    readonly send: (message: BridgeSays) => void;
    /** A difference that a repair did not mend, `''` for none: another repair would not either. */
    readonly knownDifference: string;
    /** How long deltas may be behind a list before a difference counts as one, in ms. */
    readonly settleMs: number;
    /** Waits for nothing but time and deltas: others may go on meanwhile. */
    readonly aside: (waiting: Promise<void>) => Promise<void>;
}
/** What came of it. */
export type VerificationOutcome = /** The rows are what the cluster holds. */ {
    readonly kind: 'equal';
} | /** They were not, and have been written anew. */ {
    readonly kind: 'repaired';
    readonly rows: RepairedRows;
    /** The difference as it was. */
    readonly difference: string;
} | /** They differ as before: in objects that can have no row, or in what nobody can mend. */ {
    readonly kind: 'sameDifference';
} | /** It could not be told, or not be repaired. */ {
    readonly kind: 'failed';
    readonly reason: string;
};
/** Verifies a feed that watches. */
export declare function verifyFeed(request: VerificationRequest, deps: VerificationDeps): Promise<VerificationOutcome>;
//# sourceMappingURL=feed-verification.d.ts.map