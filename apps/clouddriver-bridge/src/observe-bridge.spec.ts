import { describe, expect, it } from '@jest/globals';
import { createMetricsRegistry, HealthRegistry, type Logger } from '@fairlead/service-kit';
import { FakeClock } from '../tests/fake-clock.ts';
import { createBridgeMetrics } from './metrics.ts';
import { observeDatabase, type ObserverDeps } from './observe-bridge.ts';

function setUp() {
  const clock = new FakeClock();
  const health = new HealthRegistry(clock);
  const logged: string[] = [];
  const log = {
    warn: ({ reason, database }: { reason: string; database: string }, text: string) =>
      void logged.push(`${text}: ${reason} (${database})`),
  } as unknown as Logger;
  const registry = createMetricsRegistry({ program: 'fairlead-bridge', version: '0.0.0-test' });
  const metrics = createBridgeMetrics(registry);
  const database = 'postgres at db:5432';
  const deps = { clock, health, log, metrics, database } as unknown as ObserverDeps;
  const observer = observeDatabase(deps);
  const waitSeconds = async (seconds: number, reason: string) => {
    for (let second = 0; second < seconds; second += 1) {
      observer.waiting?.(reason);
      await clock.advance(1000);
    }
  };
  const reasons = () => health.conditions().map(({ reason }) => reason);
  return { logged, waitSeconds, reasons, observer, registry };
}

describe(observeDatabase, () => {
  it('counts retries by their reason', async () => {
    const { observer, registry } = setUp();

    for (const reason of ['deadlock', 'diskFull', 'deadlock']) {
      observer.retrying?.({ operation: 'commit', reason, attempt: 1, delayMs: 5 });
    }

    const metrics = await registry.metrics();
    expect(metrics).toContain('fairlead_bridge_sql_retries_total{reason="deadlock"} 2');
    expect(metrics).toContain('fairlead_bridge_sql_retries_total{reason="diskFull"} 1');
  });

  it('says in the probes which database is waited for', async () => {
    const { waitSeconds, reasons } = setUp();

    await waitSeconds(1, 'connectionRefused');

    expect(reasons()).toEqual(['connectionRefused (postgres at db:5432)']);
  });

  it('logs the same reason to wait once a minute, another one at once', async () => {
    const { logged, waitSeconds } = setUp();
    const said = (reason: string) => `waiting for the database: ${reason} (postgres at db:5432)`;

    await waitSeconds(60, 'refused');
    expect(logged).toEqual([said('refused')]);
    await waitSeconds(61, 'refused');
    expect(logged).toHaveLength(3);
    await waitSeconds(5, 'no templates');
    await waitSeconds(5, 'refused');
    expect(logged.slice(3)).toEqual([said('no templates'), said('refused')]);
  });
});
