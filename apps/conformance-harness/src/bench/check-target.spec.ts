import { checkTarget } from './check-target.ts';

describe(checkTarget, () => {
  const measure = { name: 'CPU', value: 12, ratio: 8 };

  it.each([
    ['>= 12', 'pass'],
    ['> 12', 'below'],
    ['<= 12 us', 'pass'],
    ['< 12', 'below'],
    ['ratio >= 8', 'pass'],
    ['ratio >= 8.5', 'below'],
  ] as const)('compares with "%s": %s', (target, verdict) => {
    expect(checkTarget({ ...measure, target })).toBe(verdict);
  });

  it('says nothing without a target', () => {
    expect(checkTarget(measure)).toBe('none');
  });

  it('takes no figure for a miss', () => {
    expect(checkTarget({ ...measure, value: Number.NaN, target: '< 12' })).toBe('below');
  });

  it.each(['fast', 'ratio > x'])('refuses "%s", which nobody could check', (target) => {
    expect(() => checkTarget({ ...measure, target })).toThrow('cannot be checked');
  });

  it('refuses a target for a ratio that there is not', () => {
    expect(() => checkTarget({ name: 'CPU', value: 12, target: 'ratio >= 2' })).toThrow();
  });
});
