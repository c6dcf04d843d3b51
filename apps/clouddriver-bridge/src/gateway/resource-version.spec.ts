import { compareVersions, earliestOf, isLater, isOrdered } from './resource-version.ts';

describe(isLater, () => {
  it.each([
    ['10', '9', true],
    ['9', '10', false],
    ['7', '7', false],
    ['9007199254740993', '9007199254740992', true],
  ])('%s than %s: %s', (version, than, expected) => {
    expect(isLater(version, than)).toBe(expected);
  });
});

describe(isOrdered, () => {
  it.each([
    ['0', true],
    ['123', true],
    ['', false],
    ['01', false],
    ['a1', false],
    ['-1', false],
  ])('%j: %s', (version, expected) => {
    expect(isOrdered(version)).toBe(expected);
  });
});

describe(earliestOf, () => {
  it('is the smallest number', () => {
    expect(earliestOf(['10', '9', '100'])).toBe('9');
  });

  it('is not known where versions cannot be compared, unless they are one', () => {
    expect(earliestOf(['10', 'x'])).toBeUndefined();
    expect(earliestOf(['x', 'x'])).toBe('x');
    expect(earliestOf([])).toBeUndefined();
  });
});

describe(compareVersions, () => {
  it('puts numbers in order', () => {
    expect(['10', '9', '9', '100'].sort(compareVersions)).toEqual(['9', '9', '10', '100']);
  });
});
