/** What is read of a bridge at each scrape. Labels carry names of accounts, never of objects. */
import { type Registry } from 'prom-client';
import { type AccountApiState } from './account-status.ts';
import { type TunnelCounts } from './gateway/tunnels.ts';
/** Where it is read from. */
export interface BridgeGauges {
    /** Open links. */
    links(): number;
    /** Bridges that share the database. */
    replicas(): {
        readonly alive: number;
        readonly silent: number;
    };
    /** The state of each account, but those that another bridge feeds. */
    accounts(): ReadonlyMap<string, AccountApiState>;
    /** Objects stored of each of these accounts, where that is known. */
    objects(): ReadonlyMap<string, number>;
    /** Feeds of each account that is fed here, by state. */
    feeds(): ReadonlyMap<string, ReadonlyMap<string, number>>;
    /** How far each fed account is behind, ms. */
    lagMs(): ReadonlyMap<string, number>;
    /** Tunnels to agents by what they do. */
    tunnels(): TunnelCounts;
    /** Bytes that came from agents and are not committed, and how many that may be. */
    heldBytes(): {
        readonly held: number;
        readonly limit: number;
    };
    /** Bytes kept of answers of discovery, and remembered of changes. */
    rememberedBytes(): {
        readonly discovery: number;
        readonly changes: number;
    };
    /** Dead letters in the database by reason, over all accounts and bridges. Never rejects. */
    deadLetters(): Promise<ReadonlyMap<string, number>>;
}
/** Registers everything. */
export declare function registerBridgeGauges(registry: Registry, gauges: BridgeGauges): void;
//# sourceMappingURL=bridge-gauges.d.ts.map