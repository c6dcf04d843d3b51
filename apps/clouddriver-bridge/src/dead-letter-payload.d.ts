/**
 * Which bytes of an object that is put aside may be kept. What agents send has passed their scrubber;
 * a bridge that stores what it could not read looks again, and keeps nothing when in doubt.
 */
import { type FeedName } from '@fairlead/sql-cache';
/** Where the object came from. */
export type PayloadFeed = FeedName & {
    /** Kubernetes kind of the feed. */
    readonly kind: string;
};
/** The object's bytes, or none if they might hold values of a Secret. */
export declare function payloadToKeep(feed: PayloadFeed, object: Uint8Array): Uint8Array;
//# sourceMappingURL=dead-letter-payload.d.ts.map