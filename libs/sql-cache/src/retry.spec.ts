import { runRetrying, type RetryDeps } from './retry.ts';
import type { RetryEvent } from './sql-cache-options.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import { classifyPostgresError } from './postgres/retryable-sqlstates.ts';

const failure = (code: string) => Object.assign(new Error(`failed with ${code}`), { code });

describe(runRetrying, () => {
  const setUp = (outcomes: readonly (Error | string)[]) => {
    const events: RetryEvent[] = [];
    const slept: number[] = [];
    const controller = new AbortController();
    let forgotten = 0;
    let at = 0;
    const deps: RetryDeps = {
      classify: classifyPostgresError,
      random: { next: () => 0.5 },
      observer: { retrying: (event) => events.push(event) },
      onMissingTable: () => (forgotten += 1),
      clock: {
        nowMs: () => 0,
        sleep: async (ms, signal) => {
          slept.push(ms);
          return signal.aborted ? Promise.reject(new Error('aborted')) : Promise.resolve();
        },
      },
    };
    const work = async () => {
      const outcome = outcomes[at] ?? 'done';
      at += 1;
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome);
    };
    const run = () => runRetrying(work, { operation: 'commit', signal: controller.signal }, deps);
    return { run, events, slept, controller, forgotten: () => forgotten, attempts: () => at };
  };

  it('does the work once when it succeeds', async () => {
    const { run, events } = setUp(['fine']);

    expect(await run()).toEqual({ value: 'fine', retries: 0 });
    expect(events).toEqual([]);
  });

  it('runs the work again after each transient error, with longer pauses', async () => {
    const { run, events, slept } = setUp([
      failure('40P01'),
      failure('ECONNREFUSED'),
      failure('57P03'),
    ]);

    expect(await run()).toEqual({ value: 'done', retries: 3 });
    expect(events.map((event) => event.reason)).toEqual([
      'deadlock',
      'connectionRefused',
      'serverStarting',
    ]);
    expect(slept).toEqual([25, 50, 100]);
  });

  it('pauses no longer than five seconds, however often it fails', async () => {
    const { run, slept } = setUp(Array.from({ length: 40 }, () => failure('53300')));

    await run();

    expect(Math.max(...slept)).toBe(2500);
  });

  it('gives up at once on an error of the rows, without the data on it', async () => {
    const error = Object.assign(failure('22021'), { detail: 'Failing row contains (secret)' });
    const { run, attempts } = setUp([error]);

    const thrown: unknown = await run().catch((caught: unknown) => caught);

    expect(thrown).toMatchObject({ code: 'rejected' });
    expect(JSON.stringify(thrown, Object.getOwnPropertyNames(thrown))).not.toContain('secret');
    expect((thrown as Error).cause).not.toHaveProperty('detail');
    expect(attempts()).toBe(1);
  });

  it('lets a fenced writer know at once', async () => {
    const { run } = setUp([new SqlCacheError('fenced', 'older')]);

    await expect(run()).rejects.toMatchObject({ code: 'fenced' });
  });

  it('forgets its tables when one is missing', async () => {
    const { run, forgotten } = setUp([failure('42P01')]);

    expect(await run()).toMatchObject({ retries: 1 });
    expect(forgotten()).toBe(1);
  });

  it('stops between two attempts when told to, and says what stood in the way', async () => {
    const { run, controller, attempts } = setUp([failure('40001'), failure('40001')]);
    controller.abort();

    await expect(run()).rejects.toMatchObject({ code: 'aborted' });
    expect(attempts()).toBe(0);
  });
});
