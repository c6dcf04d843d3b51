import { agentConfigSchema } from './config.ts';
import { listsPerAccount } from './agent.ts';

function lists(accounts: number, inFlightBytes: string, configured = 50): number {
  const names = Array.from({ length: accounts }, (_, index) => `account-${index}`);
  const kubernetes = { accounts: names.map((name) => ({ name, serviceAccount: true })) };
  const config = agentConfigSchema.parse({ kubernetes, budget: { inFlightBytes } });
  return listsPerAccount(config, configured);
}

describe(listsPerAccount, () => {
  it('is what is configured while the budget has room for the lists of all accounts', () => {
    expect([lists(1, '64MiB'), lists(5, '64MiB'), lists(1, '64MiB', Infinity)]).toEqual([
      50, 50, 256,
    ]);
  });

  it('is less with many accounts or a small budget, but never nothing', () => {
    expect([lists(20, '64MiB'), lists(300, '64MiB'), lists(2, '64KiB')]).toEqual([12, 1, 1]);
  });
});
