import { describe, expect, it } from '@jest/globals';
import { HealthRegistry } from '@fairlead/service-kit';
import { type SqlCache } from '@fairlead/sql-cache';
import { FakeClock, settled } from '../tests/fake-clock.ts';
import { watchDatabase } from './watch-database.ts';

describe(watchDatabase, () => {
  it('states whether the database answers, as long as it is not stopped', async () => {
    const clock = new FakeClock();
    const health = new HealthRegistry(clock);
    const stop = new AbortController();
    let trouble: Error | undefined = new Error('no route');
    let questions = 0;
    const get = () => {
      questions += 1;
      return trouble === undefined ? Promise.resolve(undefined) : Promise.reject(trouble);
    };
    const cache = { accounts: { get } } as unknown as Pick<SqlCache, 'accounts'>;

    const watch = watchDatabase({ cache, health, database: 'db', clock, signal: stop.signal });
    await settled();
    expect(health.conditions()).toMatchObject([{ isHealthy: false, reason: 'no route (db)' }]);
    trouble = undefined;
    await clock.advance(5000);
    expect(health.conditions()).toMatchObject([{ isHealthy: true, reason: '' }]);

    stop.abort();
    await watch;
    await clock.advance(50_000);
    expect(questions).toBe(2);
  });
});
