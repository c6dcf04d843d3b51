/**
 * What API servers offer (discovery, OpenAPI, version), kept in the bridge, so that a client that
 * starts cold waits for no far cluster. Start at {@link DiscoveryCache.handler}.
 */
import { type ApiHandler } from '@fairlead/api-tunnel';
import { type ByteLruLimits } from './byte-lru.ts';
/** How a request of discovery was answered; `revalidated`: the cluster said that nothing has changed. */
export type DiscoveryOutcome = 'hit' | 'miss' | 'revalidated' | 'changed' | 'failed';
/** What the cache works with. */
export interface DiscoveryCacheDeps {
    /** Time. */
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /**
     * What answers of an account hold for: differs when its agent, its epoch, its cluster or the
     * cluster's version do; `undefined` while the account is not fed over this bridge.
     */
    generationOf(account: string): string | undefined;
    /** Told of each answer and of each look behind one. @defaultValue nobody */
    readonly observed?: (outcome: DiscoveryOutcome) => void;
    /** @defaultValue {@link discoveryLimits} */
    readonly limits?: ByteLruLimits;
}
/**
 * A cluster with 100 custom resources has some 5 MiB of OpenAPI v3, compressed a tenth of it. One
 * answer may take half of an account's room.
 */
export declare const discoveryLimits: ByteLruLimits;
/** Answers of all accounts. */
export declare class DiscoveryCache {
    #private;
    constructor(deps: DiscoveryCacheDeps);
    /** Bytes that are kept. */
    get keptBytes(): number;
    /** Answers discovery of an account; all else, and what is not known, is asked of `next`. */
    handler(account: string, next: ApiHandler): ApiHandler;
    /** The account's custom resource definitions or API services have changed. */
    changed(account: string): void;
    /** Nobody feeds the account over this bridge any more. */
    forget(account: string): void;
}
//# sourceMappingURL=discovery-cache.d.ts.map