import fc from 'fast-check';
import { ByteBudget, type AccountBytes, type BudgetWaiter, type Urgency } from './byte-budget.ts';

function aBudget(totalBytes: number, accountBytes: number, accounts: number) {
  const budget = new ByteBudget({ totalBytes, accountBytes });
  budget.configure({ totalBytes, accountBytes }, accounts);
  const admitted: string[] = [];
  const wait = (name: string, bytes: number, urgency: Urgency = 'live'): BudgetWaiter => {
    const waiter = { bytes, urgency, admitted: () => admitted.push(`${name} ${bytes}`) };
    budget.admitLater(budget.of(name), waiter);
    return waiter;
  };
  const admit = (name: string, bytes: number, urgency: Urgency = 'live') =>
    budget.admit(budget.of(name), bytes, urgency);
  const release = (name: string, bytes: number) => budget.release(budget.of(name), bytes);
  return { budget, admitted, wait, admit, release };
}

describe(ByteBudget, () => {
  it('admits until the account is full', () => {
    const { admit } = aBudget(1000, 300, 1);

    expect([admit('a', 200), admit('a', 100), admit('a', 1)]).toEqual([true, true, false]);
  });

  it('keeps a share for each account, whatever the others hold', () => {
    const { admit } = aBudget(1000, 900, 5);
    expect(admit('greedy', 600)).toBe(true);

    expect(admit('greedy', 1)).toBe(false);
    expect([admit('late', 99), admit('late', 1), admit('late', 1)]).toEqual([true, true, false]);
  });

  it('lets an object of an empty account through that is larger than its limit', () => {
    const { admit } = aBudget(1000, 300, 2);

    expect(admit('a', 400)).toBe(true);
    expect([admit('a', 1), admit('b', 300)]).toEqual([false, true]);
  });

  it('lets one object through that is larger than everything, and no second beside it', () => {
    const { budget, admit, admitted, wait, release } = aBudget(1000, 300, 10);

    expect(admit('a', 5000)).toBe(true);
    wait('b', 4000);
    wait('c', 3000);
    expect(admit('d', 50)).toBe(true);
    expect(admitted).toEqual([]);

    release('a', 5000);
    expect(admitted).toEqual(['b 4000']);
    release('b', 4000);
    expect(admitted).toEqual(['b 4000', 'c 3000']);
    expect(budget.usedBytes).toBe(3050);
  });

  it('leaves a part of the account and of the pool to changes', () => {
    const { admit } = aBudget(1000, 400, 2);

    expect([admit('a', 300, 'bulk'), admit('a', 1, 'bulk')]).toEqual([true, false]);
    expect([admit('a', 100), admit('a', 1)]).toEqual([true, false]);
  });

  it('lets changes in before the parts of snapshots that came earlier', () => {
    const { admit, admitted, wait, release } = aBudget(1000, 400, 1);
    admit('a', 400);
    wait('a', 40, 'bulk');
    wait('a', 30);
    wait('a', 20);

    release('a', 250);

    expect(admitted).toEqual(['a 30', 'a 20', 'a 40']);
  });

  it('serves the accounts in turn', () => {
    const { admit, admitted, wait, release } = aBudget(1000, 1000, 10);
    admit('full', 550);
    admit('alone', 90);
    for (const name of ['a', 'a', 'a', 'b', 'c']) wait(name, 90);
    expect(admitted).toEqual([]);

    release('full', 550);

    expect(admitted).toEqual(['a 90', 'b 90', 'c 90', 'a 90', 'a 90']);
  });

  it('lets nobody overtake one who waits for the pool, but for what is within the share', () => {
    const { admit, admitted, wait, release } = aBudget(1000, 1000, 10);
    admit('full', 500);
    wait('large', 400);

    expect([admit('small', 50), admit('small', 10)]).toEqual([true, false]);
    release('full', 400);

    expect(admitted).toEqual(['large 400']);
  });

  it('is not held up by an account whose own limit is reached', () => {
    const { admit, wait } = aBudget(1000, 100, 2);
    admit('stuck', 100);
    wait('stuck', 50);

    expect([admit('other', 90), admit('third', 70, 'bulk')]).toEqual([true, true]);
    expect(admit('third', 10, 'bulk')).toBe(false);
  });

  it('forgets who gave up, and lets in who stood behind', () => {
    const { budget, admit, admitted, wait, release } = aBudget(1000, 300, 1);
    admit('a', 290);
    const first = wait('a', 200);
    wait('a', 10);

    budget.giveUp(budget.of('a'), first);
    expect(admitted).toEqual(['a 10']);
    release('a', 300);

    expect(admitted).toEqual(['a 10']);
  });

  it('takes new limits over at once', () => {
    const { budget, admit, admitted, wait } = aBudget(1000, 300, 1);
    admit('a', 300);
    wait('a', 200);

    budget.configure({ totalBytes: 1000, accountBytes: 500 }, 1);

    expect(admitted).toEqual(['a 200']);
  });
});

const names = ['a', 'b', 'c', 'd'] as const;
const step = fc.record({
  what: fc.constantFrom('take', 'take', 'take', 'release', 'giveUp'),
  name: fc.constantFrom(...names),
  bytes: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 120 }) }, fc.constant(1500)),
  urgency: fc.constantFrom<Urgency>('live', 'bulk'),
});

describe('in any order of taking, waiting, giving up and releasing', () => {
  it('never holds more than the budget and one object, and lets everybody in at the end', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const limits = { totalBytes: 1000, accountBytes: 400 };
        const budget = new ByteBudget(limits);
        budget.configure(limits, names.length);
        const held = new Map<AccountBytes, number[]>();
        const waiting: { account: AccountBytes; waiter: BudgetWaiter }[] = [];
        const hold = (account: AccountBytes, bytes: number): void => {
          held.set(account, [...(held.get(account) ?? []), bytes]);
          const all = [...held.values()].flat();
          const largest = Math.max(...all);
          expect(budget.usedBytes).toBe(all.reduce((sum, one) => sum + one, 0));
          expect(budget.usedBytes).toBeLessThanOrEqual(limits.totalBytes + largest);
          const own = held.get(account) ?? [];
          const isAlone = own.length === 1;
          expect(isAlone || account.used <= limits.accountBytes).toBe(true);
        };
        const release = (account: AccountBytes): void => {
          const bytes = held.get(account)?.shift();
          if (bytes !== undefined) budget.release(account, bytes);
        };
        for (const { what, name, bytes, urgency } of steps) {
          const account = budget.of(name);
          if (what === 'release') release(account);
          else if (what === 'giveUp') {
            const [first] = waiting.splice(0, 1);
            if (first !== undefined) budget.giveUp(first.account, first.waiter);
          } else if (budget.admit(account, bytes, urgency)) hold(account, bytes);
          else {
            const waiter: BudgetWaiter = {
              bytes,
              urgency,
              admitted: () => {
                waiting.splice(
                  waiting.findIndex((one) => one.waiter === waiter),
                  1,
                );
                hold(account, bytes);
              },
            };
            waiting.push({ account, waiter });
            budget.admitLater(account, waiter);
          }
        }
        for (let round = 0; round < 1000 && budget.usedBytes > 0; round += 1) {
          for (const name of names) release(budget.of(name));
        }
        expect([budget.usedBytes, waiting.length]).toEqual([0, 0]);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});
