import fc from 'fast-check';
import { JsonWalker } from './json-walker.ts';

function isValue(text: Buffer): boolean {
  const walker = new JsonWalker();
  walker.bytes = Buffer.concat([text, Buffer.alloc(1)]);
  walker.limit = text.length;
  return walker.skipValue(0) === text.length;
}

function isParsed(text: Buffer): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(text));
    return true;
  } catch {
    return false;
  }
}

describe(JsonWalker, () => {
  it.each([
    ...['0', '-0', '10', '1.5e+7', '-1E-2', '01', '-', '1.', '.5', '1e', '+1', '0x1', 'NaN'],
    ...[
      'true',
      'tru',
      'truE',
      'false',
      'fals',
      'null',
      'nul',
      'undefined',
      '[1,]',
      '[,1]',
      '{"a":1,}',
    ],
    ...['{"a"}', '{"a":}', '{a:1}', "{'a':1}", '{"a":1 "b":2}', '[1 2]', '[}', '{]', '"', '"a', ''],
    ...[
      '"\\u00e9"',
      '"\\u00g9"',
      '"\\u00e"',
      '"\\x"',
      '"\\',
      '"\t"',
      '"\\t"',
      '"\u007f"',
      '[[[]]]',
      '{}',
    ],
    ...[' 1', '1 ', '[ 1 , 2 ]', '{ "a" : [ ] }', '\ufeff1', '"\u2028"', '"\ud83d\ude00"'],
  ])('judges %p as JSON.parse does', (text) => {
    const bytes = Buffer.from(text);
    const isBare = text.trim() === text;

    expect(isValue(bytes)).toBe(isParsed(bytes) && isBare);
  });

  it.each([
    'c0af',
    'c1bf',
    'e080af',
    'eda080',
    'edbfbf',
    'f0808080',
    'f4908080',
    'f5808080',
    '80',
    'c3',
    'e282',
    'f09f98',
    'ff',
  ])('refuses the bytes %s in a string', (hex) => {
    const text = Buffer.from(`22${hex}22`, 'hex');

    expect(isValue(text)).toBe(false);
  });

  it('judges random texts as JSON.parse does', () => {
    const alphabet = fc.constantFrom(...'{}[]",:0-1.eE+u\\tn é'.split(''), 'true', 'null', '"a":');
    const text = fc.array(alphabet, { maxLength: 8 }).map((parts) => parts.join('').trim());
    const json = fc.json().map((value) => value.trim());

    fc.assert(
      fc.property(fc.oneof(text, json), (value) => {
        expect(isValue(Buffer.from(value))).toBe(isParsed(Buffer.from(value)));
      }),
      { seed: 7, numRuns: 3000 },
    );
  });
});
