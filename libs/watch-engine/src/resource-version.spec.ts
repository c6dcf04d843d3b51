import { isBefore, laterOf } from './resource-version.ts';

describe(isBefore, () => {
  it.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['18446744073709551615', '18446744073709551616', true],
    ['', '1', false],
    ['1', '', false],
    ['abc', '1', false],
    ['01', '2', false],
  ])('%p before %p is %p', (a, b, expected) => {
    expect(isBefore(a, b)).toBe(expected);
  });
});

describe(laterOf, () => {
  it('never goes back, and takes what has no order', () => {
    expect(laterOf('10', '9')).toBe('10');
    expect(laterOf('9', '10')).toBe('10');
    expect(laterOf('10', '')).toBe('10');
    expect(laterOf('10', 'opaque')).toBe('opaque');
  });
});
