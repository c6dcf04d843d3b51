import { listsAtOnce } from './agent.ts';
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
