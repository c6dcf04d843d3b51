import { HealthRegistry, healthRoutes, type ConditionImpact } from './health.ts';

function registry() {
  const clock = { now: 1000, nowMs: () => clock.now };
  const health = new HealthRegistry(clock);
  const routes = new Map(healthRoutes(health).map((route) => [route.path, route]));
  const ask = async (path: string) => routes.get(path)!.handle(new URLSearchParams());
  return { clock, health, ask };
}

const failing = (impact: ConditionImpact) => ({ impact, isHealthy: false, reason: 'broken' });

describe(healthRoutes, () => {
  it.each([
    ['liveness', 503, 503, 503],
    ['readiness', 200, 200, 503],
    ['notice', 200, 200, 200],
  ] as const)('a failing %s condition gives %p, %p, %p', async (impact, all, live, ready) => {
    const { health, ask } = registry();

    health.set('part', failing(impact));

    expect((await ask('/health')).status).toBe(all);
    expect((await ask('/health/live')).status).toBe(live);
    expect((await ask('/health/ready')).status).toBe(ready);
  });

  it('shows each condition with its reason and since when', async () => {
    const { clock, health, ask } = registry();
    health.set('account a', failing('notice'));
    clock.now = 5000;
    health.set('account a', { ...failing('notice'), reason: 'still broken' });

    expect(JSON.parse((await ask('/health')).body)).toEqual({
      status: 'degraded',
      conditions: [
        {
          name: 'account a',
          impact: 'notice',
          healthy: false,
          reason: 'still broken',
          since: '1970-01-01T00:00:01.000Z',
        },
      ],
    });
  });

  it('is up again when the condition is met or gone', async () => {
    const { health, ask } = registry();
    health.set('a', failing('readiness'));
    health.set('b', failing('readiness'));

    health.set('a', { impact: 'readiness', isHealthy: true, reason: '' });
    health.remove('b');

    expect((await ask('/health/ready')).status).toBe(200);
  });
});
