import { type SqlCache } from '@fairlead/sql-cache';
import { type BridgeEvents } from './bridge-events.ts';
import { type GatewayAddress, type RegisteredAccount } from './clouddriver-definition.ts';
/** What of it is wanted. */
export interface PresenceOptions {
    /** Where definitions lead to; `undefined`: Clouddriver gets its accounts elsewhere. */
    readonly gateway: GatewayAddress | undefined;
    /** Whether Clouddriver's agents are kept from running. */
    readonly lockAgents: boolean;
    /** Name of this bridge, for those who look at the locks. */
    readonly owner: string;
}
/** What it works with. */
export interface PresenceDeps {
    readonly cache: Pick<SqlCache, 'definitions' | 'agentLocks'>;
    readonly clock: {
        nowMs(): number;
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    readonly events: Pick<BridgeEvents, 'definitionStored' | 'definitionFailed' | 'locksFailed' | 'locksDisturbed'>;
}
/** An account that is fed. */
export interface FedAccount extends RegisteredAccount {
    readonly epoch: number;
}
/** Clouddriver's side of the accounts. */
export declare class ClouddriverPresence {
    #private;
    constructor(options: PresenceOptions, deps: PresenceDeps);
    /** This bridge feeds the account from now on. */
    fed(account: FedAccount): void;
    /** This bridge feeds the account no longer; Clouddriver keeps it until it is removed. */
    left(name: string, epoch: number): void;
    /**
     * The account's grace period is over: Clouddriver is to lose it, before its rows go.
     * @throws SqlCacheError as `definitions.remove` does, but not `fenced`
     */
    removed(name: string, epoch: number): Promise<void>;
    /**
     * Prolongs the locks, and writes what could not be written, until the signal ends it.
     * @param disturbed - told of each account whose rows Clouddriver's own agent may have written
     */
    keepUp(signal: AbortSignal, disturbed: (account: string) => void): Promise<void>;
}
//# sourceMappingURL=clouddriver-presence.d.ts.map