/** Keeps the database's condition in the probes true, also while nothing is written. */
import { type HealthRegistry } from '@fairlead/service-kit';
import { type SqlCache } from '@fairlead/sql-cache';
/** What the watch needs. */
export interface WatchDatabaseDeps {
    /** The database. */
    readonly cache: Pick<SqlCache, 'accounts'>;
    /** Probes. */
    readonly health: HealthRegistry;
    /** Which one, see `databasePlace`. */
    readonly database: string;
    /** Time. */
    readonly clock: {
        sleep(ms: number, signal: AbortSignal): Promise<void>;
    };
    /** Ends the watch. */
    readonly signal: AbortSignal;
}
/** Asks a small question every few seconds; the cache itself reports while it gets no answer. */
export declare function watchDatabase(deps: WatchDatabaseDeps): Promise<void>;
//# sourceMappingURL=watch-database.d.ts.map