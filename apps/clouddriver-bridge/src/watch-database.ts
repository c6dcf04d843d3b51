/** Keeps the database's condition in the probes true, also while nothing is written. */
import { type HealthRegistry } from '@fairlead/service-kit';
import { type SqlCache } from '@fairlead/sql-cache';
import { databaseCondition, databaseFails } from './observe-bridge.ts';

/** What the watch needs. */
export interface WatchDatabaseDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'accounts'>;
  /** Probes. */
  readonly health: HealthRegistry;
  /** Which one, see `databasePlace`. */
  readonly database: string;
  /** Time. */
  readonly clock: { sleep(ms: number, signal: AbortSignal): Promise<void> };
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

/** Half of what Kubernetes waits by default between two probes. */
const intervalMs = 5000;
/** No account can have this name, so the question costs one look into an index. */
const nobody = '/';

/** Asks a small question every few seconds; the cache itself reports while it gets no answer. */
export async function watchDatabase(deps: WatchDatabaseDeps): Promise<void> {
  const { cache, health, clock, signal } = deps;
  const isStopped = () => signal.aborted;
  while (!isStopped()) {
    try {
      await cache.accounts.get(nobody);
      health.set(databaseCondition, { impact: 'readiness', isHealthy: true, reason: '' });
    } catch (error: unknown) {
      if (isStopped()) return;
      databaseFails(deps, error instanceof Error ? error.message : String(error));
    }
    // Rejects only when the watch ends.
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}
