/**
 * What the bridge answers for clusters itself, put together: discovery that is kept, reads from SQL,
 * and the journals behind both.
 */
import { type AccountView } from '@fairlead/account-registry';
import { type ApiHandler } from '@fairlead/api-tunnel';
import { type SqlCache } from '@fairlead/sql-cache';
import { type BridgeEvents } from '../bridge-events.ts';
import { CachedReads } from './cached-reads.ts';
import { ClusterJournals } from './cluster-journals.ts';
import { CommittedEvents } from './committed-events.ts';
import { DiscoveryCache } from './discovery-cache.ts';
import { type ApiLayer } from './find-api.ts';
/** What the answers are made of. */
export interface ClusterAnswersDeps {
    readonly cache: Pick<SqlCache, 'bodiesOf' | 'listObjectIds' | 'feeds'>;
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    readonly random: {
        next(): number;
    };
    /** Makes names that no other process makes. */
    readonly newId: () => string;
    /** An account as the registry knows it. */
    readonly view: (account: string) => AccountView | undefined;
    /** The way to the bridge that feeds an account, whose own cache answers; `undefined`: none. */
    readonly elsewhere: (account: string) => ApiHandler | undefined;
    readonly events: Pick<BridgeEvents, 'discoveryAnswered' | 'cacheRead' | 'journalFailed'>;
}
/** The parts that others need. */
export interface ClusterAnswers {
    /** Reads of cached kinds. */
    readonly reads: CachedReads;
    /** What API servers offer. */
    readonly discovery: DiscoveryCache;
    /** What the writers of accounts tell. */
    readonly journals: ClusterJournals;
    /** All changes of all accounts. */
    readonly committed: CommittedEvents;
    /** The layers of the gateway, the first one first. */
    readonly layers: readonly ApiLayer[];
}
/** Puts the parts together. */
export declare function createClusterAnswers(deps: ClusterAnswersDeps): ClusterAnswers;
//# sourceMappingURL=cluster-answers.d.ts.map