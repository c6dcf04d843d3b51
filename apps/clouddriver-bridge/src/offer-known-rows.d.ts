import { type SqlCache } from '@fairlead/sql-cache';
import { type FeedIntake } from './feed-intake.ts';
import { type BridgeSays } from './link-session.ts';
import { type ScanDeps } from './scan-versions.ts';
/** What an offer works with. */
export interface OfferDeps extends ScanDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'listIds' | 'versionsOf' | 'commit'>;
}
/** Who asks. */
export interface OfferRequest {
    /** The feed. */
    readonly intake: FeedIntake;
    /** The snapshot that waits. */
    readonly snapshot: number;
    /** The epoch that is written by. */
    readonly epoch: number;
    /** Tells the agent. */
    readonly send: (message: BridgeSays) => void;
}
/** Tells the agent, unless the snapshot is over or given up before. */
export declare function offerKnownRows(request: OfferRequest, deps: OfferDeps): Promise<void>;
/** An agent that asks for rows which another feed writes: nothing is known of this feed's. */
export declare function offerNothing({ intake, snapshot, send }: Omit<OfferRequest, 'epoch'>): void;
/** Has rows of a feed written anew when their objects come, whatever their hashes say. */
export declare function distrust(ids: readonly string[], feed: {
    readonly intake: FeedIntake;
    readonly epoch: number;
    readonly cache: Pick<SqlCache, 'commit'>;
}): Promise<void>;
//# sourceMappingURL=offer-known-rows.d.ts.map