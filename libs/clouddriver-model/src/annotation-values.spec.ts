import { claimIn, textIn, wholeNumberIn } from './annotation-values.ts';

describe(textIn, () => {
  it.each([
    ['shop', 'shop'],
    ['"shop"', 'shop'],
    ['"sh\\"op"', 'sh"op'],
    ['"\\u0041"', 'A'],
    ['"', '"'],
    ['', ''],
    ['""', ''],
    [' "a" ', ' "a" '],
    ['"a" and "b"', 'a'],
    ['"\\x"', undefined],
    ['"a\tb"', undefined],
    ['"unclosed\\"', undefined],
  ])('reads %j', (value, text) => {
    expect(textIn(value)).toBe(text);
  });
});

describe(wholeNumberIn, () => {
  it.each([
    ['5', 5],
    ['-5', -5],
    ['-0', 0],
    [' 5\n', 5],
    ['5 apples', 5],
    ['5.9', 5],
    ['1e2', 100],
    ['"5"', 5],
    ['" +5 "', 5],
    ['"007"', 7],
    ['2147483647', 2_147_483_647],
    ['-2147483648', -2_147_483_648],
    ['2147483648', undefined],
    ['1e400', undefined],
    ['007', undefined],
    ['+5', undefined],
    ['5x', undefined],
    ['5,6', undefined],
    ['"5.9"', undefined],
    ['"0x10"', undefined],
    ['" "', undefined],
    ['', undefined],
    ['null', undefined],
    ['true', undefined],
    ['[5]', undefined],
  ])('reads %j', (value, number) => {
    expect(wholeNumberIn(value)).toBe(number);
  });
});

describe(claimIn, () => {
  it.each([...['true', ' true', 'true,false', '"true"', '"TRUE"', '" true "', '1', '-1']])(
    'believes %j',
    (value) => {
      expect(claimIn(value)).toBe(true);
    },
  );

  it.each([
    ...['false', 'True', 'truex', '"tRuE"', '"1"', '0', '1.5', 'yes', '[true]', 'null', ''],
  ])('does not believe %j', (value) => {
    expect(claimIn(value)).toBe(false);
  });
});
