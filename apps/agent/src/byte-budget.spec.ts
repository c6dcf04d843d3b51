import fc from 'fast-check';
import { ByteBudget } from './byte-budget.ts';

const never = new AbortController().signal;

function budget(totalBytes: number, accountBytes: number, accounts: number): ByteBudget {
  const made = new ByteBudget({ totalBytes, accountBytes });
  made.configure({ totalBytes, accountBytes }, accounts);
  return made;
}

describe(ByteBudget, () => {
  it('has room until the account is full', () => {
    const one = budget(1000, 300, 1);

    one.take('a', 299);
    expect(one.hasRoom('a')).toBe(true);
    one.take('a', 1);

    expect(one.hasRoom('a')).toBe(false);
  });

  it('keeps a share for each account, whatever the others hold', () => {
    const one = budget(1000, 900, 5);
    one.take('greedy', 800);

    expect(one.hasRoom('greedy')).toBe(false);
    expect(one.hasRoom('late')).toBe(true);
    one.take('late', 99);
    expect(one.hasRoom('late')).toBe(true);
    one.take('late', 1);
    expect(one.hasRoom('late')).toBe(false);
  });

  it('lets an object through that is larger than everything', () => {
    const one = budget(1000, 300, 2);

    expect(one.hasRoom('a')).toBe(true);
    one.take('a', 5000);

    expect([one.hasRoom('a'), one.hasRoom('b')]).toEqual([false, true]);
  });

  it('wakes those who wait when bytes are released, and only those with room', async () => {
    const one = budget(1000, 300, 2);
    const woken: string[] = [];
    one.take('a', 300);
    one.take('b', 300);
    const a = one.whenRoom('a', never).then(() => woken.push('a'));
    const b = one.whenRoom('b', never).then(() => woken.push('b'));

    one.release('b', 100);
    await b;
    expect(woken).toEqual(['b']);
    one.release('a', 300);
    await a;

    expect(woken).toEqual(['b', 'a']);
  });

  it('stops waiting with its signal, and looks anew when its limits change', async () => {
    const one = budget(1000, 300, 1);
    one.take('a', 400);
    const stop = new AbortController();
    const stopped = one.whenRoom('a', stop.signal);
    const waiting = one.whenRoom('a', never);

    stop.abort();
    await stopped;
    one.configure({ totalBytes: 2000, accountBytes: 500 }, 1);

    await waiting;
    expect(one.hasRoom('a')).toBe(true);
  });

  it('stays within the total plus one object per account, and counts right', () => {
    const steps = fc.array(
      fc.record({
        account: fc.constantFrom('a', 'b', 'c', 'd'),
        bytes: fc.integer({ min: 1, max: 50 }),
        frees: fc.boolean(),
      }),
      { maxLength: 200 },
    );
    fc.assert(
      fc.property(steps, (run) => {
        const one = budget(1000, 600, 4);
        const held = new Map<string, number>();
        for (const { account, bytes, frees } of run) {
          const has = held.get(account) ?? 0;
          if (frees && has >= bytes) {
            one.release(account, bytes);
            held.set(account, has - bytes);
          } else if (one.hasRoom(account)) {
            one.take(account, bytes);
            held.set(account, has + bytes);
          }
          expect(one.usedBytes).toBe([...held.values()].reduce((sum, used) => sum + used, 0));
          expect(one.usedBytes).toBeLessThan(1000 + 4 * 50);
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
