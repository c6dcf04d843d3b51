import { listsAtOnce, listsPerAccount } from './agent.ts';
import { agentConfigSchema } from './config.ts';

function lists(inFlightBytes: string, totalBudget = 1000): number {
  return listsAtOnce(
    agentConfigSchema.parse({ budget: { inFlightBytes }, tasks: { totalBudget } }),
  );
}

describe(listsAtOnce, () => {
  it('is what is configured while the budget has room for as many', () => {
    expect([lists('64MiB', 5), lists('2GiB', 500)]).toEqual([5, 500]);
  });

  it('is what fits the budget when more are allowed, or any number', () => {
    expect([lists('64MiB'), lists('64MiB', 0), lists('128MiB')]).toEqual([32, 32, 64]);
  });

  it('is never nothing', () => {
    expect(lists('64KiB')).toBe(1);
  });
});

describe(listsPerAccount, () => {
  function perAccount(accounts: number, inFlightBytes: string, budgetPerAccount = 50): number {
    const names = Array.from({ length: accounts }, (_, index) => `account-${index}`);
    const kubernetes = { accounts: names.map((name) => ({ name, serviceAccount: true })) };
    const config = { kubernetes, budget: { inFlightBytes }, tasks: { budgetPerAccount } };
    return listsPerAccount(agentConfigSchema.parse(config));
  }

  it('is what is configured while the budget has room for the lists of all accounts', () => {
    expect([perAccount(1, '64MiB'), perAccount(5, '64MiB'), perAccount(1, '64MiB', 0)]).toEqual([
      50, 50, 256,
    ]);
  });

  it('is less with many accounts or a small budget, but never nothing', () => {
    expect([perAccount(20, '64MiB'), perAccount(300, '64MiB'), perAccount(2, '64KiB')]).toEqual([
      12, 1, 1,
    ]);
  });
});
