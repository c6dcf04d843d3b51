/** What every part of a bridge stands on: the database, and where logs, metrics and health go. */
import { createMetricsRegistry, HealthRegistry, type Clock, type Lifecycle, type Logger, type Random } from '@fairlead/service-kit';
import { type SqlCache } from '@fairlead/sql-cache';
import { type BridgeEvents } from './bridge-events.ts';
import { type BridgeConfig } from './config.ts';
import { RowCounts } from './row-counts.ts';
/** What a bridge is given. */
export interface BridgeDeps {
    readonly config: BridgeConfig;
    readonly lifecycle: Lifecycle;
    readonly log: Logger;
    readonly clock: Clock;
    readonly random: Random;
    /** Name of this process, unique among all bridges. */
    readonly bridgeId: string;
    /** The program's version. */
    readonly version: string;
}
/** What it stands on. */
export interface BridgeBase extends BridgeDeps {
    readonly health: HealthRegistry;
    /** Which database, for people. */
    readonly database: string;
    readonly registry: ReturnType<typeof createMetricsRegistry>;
    readonly counts: RowCounts;
    readonly cache: SqlCache;
    readonly events: BridgeEvents;
}
/** Opens it. The database need not answer yet. */
export declare function openBridgeBase(deps: BridgeDeps): Promise<BridgeBase>;
//# sourceMappingURL=bridge-base.d.ts.map