import { ValueFramer } from './value-framer.ts';

const values = [
  '{"a":["}",{"b\\"]":1}],"c":"\\\\"}',
  '"a\\"b"',
  '"\\\\"',
  '[[],[1]]',
  '12.5',
  'null',
];

describe(ValueFramer, () => {
  it.each(values)('finds the end of %s in one piece', (value) => {
    const framer = new ValueFramer();
    framer.begin();

    expect(framer.advance(Buffer.from(`${value},{"more":1}`), 0)).toBe(value.length);
  });

  it.each(values)('finds the end of %s byte by byte', (value) => {
    const framer = new ValueFramer();
    framer.begin();
    const bytes = Buffer.from(`${value},`);
    const ends: number[] = [];

    for (let p = 0; p < bytes.length && ends.length === 0; p++) {
      const end = framer.advance(bytes.subarray(p, p + 1), 0);
      if (end >= 0) ends.push(p + end);
    }

    expect(ends).toEqual([value.length]);
  });

  it('starts afresh for the next value', () => {
    const framer = new ValueFramer();
    framer.begin();
    framer.advance(Buffer.from('{"open'), 0);

    framer.begin();

    expect(framer.advance(Buffer.from('  []x'), 2)).toBe(4);
  });
});
