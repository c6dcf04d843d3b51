/**
 * Answers reads of cached kinds from SQL, for those who ask for it: `get`, `list` and `watch`. Not a
 * byte of them goes to the cluster; what cannot be answered is refused with what to do. Start at
 * {@link CachedReads.handler}.
 */
import { type ApiHandler } from '@fairlead/api-tunnel';
import { type SqlCache } from '@fairlead/sql-cache';
import { type AccountJournal } from './account-journal.ts';
import { type CachedKind } from './cached-kind.ts';
import { type ListOptions } from './list-options.ts';
import { type ObjectSelector } from './object-selector.ts';
import { type ResourcePath } from './resource-path.ts';
import { type ServedFeed } from './served-feeds.ts';
import { type ObjectRows } from './stored-objects.ts';
/** An account that this bridge feeds. */
export interface FedJournal {
    readonly journal: AccountJournal;
    /** Its feeds as they are committed. */
    feeds(): readonly ServedFeed[];
}
/** What is known of an account. */
export interface AccountStanding {
    /** `here`: this bridge feeds it or nobody does; `elsewhere`: another bridge does. */
    readonly served: 'here' | 'elsewhere';
    /** Of its last writer. */
    readonly epoch: number;
}
/** What reads are answered with. */
export interface CachedReadsDeps {
    readonly cache: ObjectRows & Pick<SqlCache, 'feeds'>;
    /** The journal of an account that is fed here. */
    fed(account: string): FedJournal | undefined;
    /** `undefined`: there is no such account. */
    standing(account: string): AccountStanding | undefined;
    /**
     * The way to the bridge that feeds an account, for when its requests come here because a standby
     * agent is linked here; `undefined`: there is none.
     */
    elsewhere(account: string): ApiHandler | undefined;
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    readonly random: {
        next(): number;
    };
    /** Told of each read. @defaultValue nobody */
    readonly observed?: (read: {
        readonly verb: ReadVerb;
        readonly status: number;
    }) => void;
}
/** What a read is, in Kubernetes' words. */
export type ReadVerb = 'get' | 'list' | 'watch';
/** One read, with all that is known of it. */
export interface CachedRead {
    readonly account: string;
    readonly path: ResourcePath;
    readonly kind: CachedKind;
    readonly options: ListOptions;
    readonly selector: ObjectSelector;
    readonly epoch: number;
    /** `undefined`: nobody feeds the account, and its rows stay as they are. */
    readonly fed: FedJournal | undefined;
    readonly signal: AbortSignal;
}
/** Reads of all accounts. */
export declare class CachedReads {
    #private;
    constructor(deps: CachedReadsDeps);
    /** Answers reads that ask for the cache; all else is asked of `next`. */
    handler(account: string, next: ApiHandler): ApiHandler;
}
//# sourceMappingURL=cached-reads.d.ts.map