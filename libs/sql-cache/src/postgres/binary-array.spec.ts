import { textArray } from './binary-array.ts';

describe(textArray, () => {
  it('writes the header, then each element with its length', () => {
    const array = textArray(['ä', Buffer.from('xyz'), '']);

    expect(array.toString('hex')).toBe(
      ['00000001', '00000000', '00000019', '00000003', '00000001'].join('') +
        '00000002c3a4' +
        '0000000378797a' +
        '00000000',
    );
  });
});
