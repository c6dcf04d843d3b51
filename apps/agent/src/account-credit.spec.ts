import { AccountCredit } from './account-credit.ts';

const never = new AbortController().signal;
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe(AccountCredit, () => {
  it('lets a batch take the balance below zero, then nobody until more is granted', async () => {
    const credit = new AccountCredit(10);
    await credit.whenPositive(never);
    credit.spend(50);
    let passed = false;

    const waiting = credit.whenPositive(never).then(() => (passed = true));
    credit.grant(40);
    await settled();
    expect(passed).toBe(false);
    credit.grant(1);

    await waiting;
    expect(credit.balanceBytes).toBe(1);
  });

  it('lets waiters through one by one, each seeing what the one before it spent', async () => {
    const credit = new AccountCredit(0);
    const passed: string[] = [];
    for (const name of ['a', 'b', 'c']) {
      void credit.whenPositive(never).then(() => {
        passed.push(name);
        credit.spend(60);
      });
    }

    credit.grant(100);
    await settled();
    expect(passed).toEqual(['a', 'b']);
    credit.grant(100);
    await settled();

    expect(passed).toEqual(['a', 'b', 'c']);
  });

  it('passes the turn on when the one whose turn it was gave up', async () => {
    const credit = new AccountCredit(0);
    const stop = new AbortController();
    const first = credit.whenPositive(stop.signal);
    const second = credit.whenPositive(never);

    stop.abort();
    await first;
    credit.grant(1);

    await expect(second).resolves.toBeUndefined();
  });
});
