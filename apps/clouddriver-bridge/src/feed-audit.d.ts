/**
 * One comparison of a feed's rows with its cluster, while the feed goes on: pure, without I/O. Rows
 * are read, deltas come meanwhile, and the cluster answers with the digest of what it held at one
 * resourceVersion; what is compared is what the rows held, or will hold, at exactly that one.
 */
import { type FeedDigest, type VersionHash } from '@fairlead/protocol';
import { type ScannedRow } from './scan-versions.ts';
/** What has come of it so far. */
export type AuditVerdict = /** The cluster has not answered, or not everything before its answer is here. */ {
    readonly kind: 'open';
} | /** Rows and cluster hold the same. */ {
    readonly kind: 'equal';
} | /** They do not. */ {
    readonly kind: 'different';
    /** What differs and how, so that the same difference is known again. */
    readonly signature: string;
    /** False while deltas may be on their way that explain it. */
    readonly isFinal: boolean;
} | /** It cannot be told this time. */ {
    readonly kind: 'failed';
    readonly reason: string;
};
/** One comparison. */
export declare class FeedAudit {
    #private;
    /** Resolves when the cluster has answered, or nothing can come of it any more. */
    get answered(): Promise<void>;
    /**
     * Resolves when there is a verdict that no delta on its way is needed for: both are equal, or the
     * feed has got past the cluster's answer, or a row is not what was written, or it has failed.
     */
    get settled(): Promise<void>;
    /** Whether nothing can come of it any more. */
    get isFailed(): boolean;
    /** Rows as they were read. */
    read(rows: readonly ScannedRow[]): void;
    /** All rows were read; answers into how many buckets the cluster is to sort its objects. */
    scanned(): number;
    /** A row holds an object in another version from now on; none where `version` is missing. */
    changed(id: string, resourceVersion: string, version?: VersionHash): void;
    /** The feed has got to a resourceVersion without a change. */
    passed(resourceVersion: string): void;
    /** The cluster's answer. */
    answer({ sums, resourceVersion: at, failure }: FeedDigest): void;
    /**
     * Rows are ahead of the feed, or were: what deltas have said no longer tells what the rows held at
     * one moment, so that a difference means nothing.
     */
    disturb(): void;
    /** Nothing will come of it. */
    fail(reason: string): void;
    /** What has come of it so far. */
    verdict(): AuditVerdict;
}
//# sourceMappingURL=feed-audit.d.ts.map