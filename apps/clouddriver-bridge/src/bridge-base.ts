/** What every part of a bridge stands on: the database, and where logs, metrics and health go. */
import {
  createMetricsRegistry,
  HealthRegistry,
  type Clock,
  type Environment,
  type Lifecycle,
  type Logger,
  type Random,
} from '@fairlead/service-kit';
import { type Secrets } from '@fairlead/secret-engines';
import { openSqlCache, type SqlCache } from '@fairlead/sql-cache';
import { type BridgeEvents } from './bridge-events.ts';
import { followDatabaseUrl, openBridgeSecrets } from './bridge-secrets.ts';
import { type BridgeConfig } from './config.ts';
import { databasePlace } from './database-place.ts';
import { createBridgeMetrics } from './metrics.ts';
import { databaseFails, observeBridge, observeDatabase } from './observe-bridge.ts';
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
  /** Of the process, for references to it. @defaultValue empty */
  readonly environment?: Environment | undefined;
}

/** What it stands on. */
export interface BridgeBase extends BridgeDeps {
  readonly health: HealthRegistry;
  /** What the configuration refers to. */
  readonly secrets: Secrets;
  /** Which database, for people. */
  readonly database: string;
  readonly registry: ReturnType<typeof createMetricsRegistry>;
  readonly counts: RowCounts;
  readonly cache: SqlCache;
  readonly events: BridgeEvents;
}

/** Opens it. The database need not answer yet. */
export async function openBridgeBase(deps: BridgeDeps): Promise<BridgeBase> {
  const { config, lifecycle, log, clock, random } = deps;
  const health = new HealthRegistry(clock);
  const secrets = await openBridgeSecrets({ ...deps, health });
  const { first: url, current } = await followDatabaseUrl(deps, secrets);
  const database = databasePlace(url);
  databaseFails({ health, database }, 'not reached yet');
  const registry = createMetricsRegistry({ program: 'fairlead-bridge', version: deps.version });
  const metrics = createBridgeMetrics(registry);
  const counts = new RowCounts((account) => cache.countRows(account), clock);
  const observer = { log, metrics, health, counts, database, clock };
  const cache = await openSqlCache({
    ...{ ...config.sql, url, clock, random, observer: observeDatabase(observer) },
    ...(current === undefined ? {} : { currentUrl: current }),
  });
  lifecycle.onStop('database', () => cache.close());
  return {
    ...deps,
    health,
    secrets,
    database,
    registry,
    counts,
    cache,
    events: observeBridge(observer),
  };
}
