/** Turns what happens in the bridge and in the database into logs, metrics and health. */
import { type HealthRegistry, type Logger } from '@fairlead/service-kit';
import { type SqlObserver } from '@fairlead/sql-cache';
import { type BridgeEvents } from './bridge-events.ts';
import { type BridgeMetrics } from './metrics.ts';
import { type RowCounts } from './row-counts.ts';
/** Where it goes. */
export interface ObserverDeps {
    /** Log. */
    readonly log: Logger;
    /** Metrics. */
    readonly metrics: BridgeMetrics;
    /** Probes. */
    readonly health: HealthRegistry;
    /** Rows per account. */
    readonly counts: RowCounts;
    /** Which database, see `databasePlace`. */
    readonly database: string;
    /** Time. */
    readonly clock: {
        nowMs(): number;
    };
}
/** Whether the database answers; stated anew by `watchDatabase`. */
export declare const databaseCondition = "database";
/** What the database tells. */
export declare function observeDatabase(deps: ObserverDeps): SqlObserver;
/** What the bridge itself tells. */
export declare function observeBridge(deps: ObserverDeps): BridgeEvents;
/** States in the probes that the database does not answer, and which one. */
export declare function databaseFails({ health, database }: Pick<ObserverDeps, 'health' | 'database'>, why: string): void;
//# sourceMappingURL=observe-bridge.d.ts.map