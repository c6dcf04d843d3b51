/**
 * The bridges that share the database: counts this one's number up, sees whose numbers stand still,
 * and has the registry look what the others have done meanwhile.
 */
import { type AccountRegistry } from '@fairlead/account-registry';
import { type BridgeDoor, type SqlCache, type StoredBridge } from '@fairlead/sql-cache';
/** What the peers are known from. */
export interface BridgePeersDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'bridges' | 'accounts'>;
    /** This bridge. */
    readonly bridgeId: string;
    /** Where the others reach it, as it is now. @defaultValue nowhere */
    readonly door?: () => Promise<BridgeDoor>;
}
/** A bridge, as this one sees it. */
export interface BridgePeer extends StoredBridge {
    /** Whether it is this one. */
    readonly isSelf: boolean;
    /** Whether it must be thought to live. */
    readonly isAlive: boolean;
}
/** All bridges. */
export declare class BridgePeers {
    #private;
    constructor(deps: BridgePeersDeps);
    /** Looks twice: the second time for those that have accounts and may have left in order. */
    start(): Promise<void>;
    /** Beats, and looks at the others. */
    look(): Promise<void>;
    /** Whether another bridge, which must be thought to live, has this name. */
    isLivingOther(bridgeId: string): boolean;
    /** Where another bridge that lives takes requests; `undefined` if it does not. */
    doorOf(bridgeId: string): BridgeDoor | undefined;
    /** What a bridge signs with, if it is one of ours. */
    publicKeyOf(bridgeId: string): string | undefined;
    /** Whether a bridge was seen to count up, and not only to stand in the database. */
    hasBeaten(bridgeId: string): boolean;
    /** How many stood in the database at the last look: those that live, this one too, and the others. */
    counts(): {
        readonly alive: number;
        readonly silent: number;
    };
    /** All that stand in the database, by name. */
    list(): Promise<readonly BridgePeer[]>;
    /** This bridge stops in order: others need not wait to find out. */
    leave(): Promise<void>;
}
/** What `keepLooking` needs. */
export interface KeepLookingDeps {
    readonly peers: Pick<BridgePeers, 'look'>;
    readonly registry: Pick<AccountRegistry, 'look'>;
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Told of troubles that asking again does not mend. */
    readonly failed: (error: unknown) => void;
    /** Ends it. */
    readonly signal: AbortSignal;
}
/** Looks until the signal says stop. */
export declare function keepLooking(deps: KeepLookingDeps): Promise<void>;
//# sourceMappingURL=bridge-peers.d.ts.map