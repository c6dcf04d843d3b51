import {
  cloneJson,
  isJsonObject,
  parseJson,
  sameJson,
  sortKeys,
  stringifyJson,
} from './json-value.ts';

describe(parseJson, () => {
  it.each([
    '{"n":9007199254740993}',
    '[1.0]',
    '[-12345678901234567890,1e3]',
    '{"a":"10.0.0.1","n":7}',
  ])('keeps every digit of %s', (text) => {
    expect(stringifyJson(parseJson(text))).toBe(text);
  });
});

describe(stringifyJson, () => {
  it('escapes as Go does', () => {
    expect(stringifyJson({ a: '<b>&\u2028' })).toBe('{"a":"\\u003cb\\u003e\\u0026\\u2028"}');
  });
});

describe(sortKeys, () => {
  it('puts keys in order at every depth', () => {
    expect(stringifyJson(sortKeys({ b: [{ d: 1, c: 2 }], a: 3 }))).toBe(
      '{"a":3,"b":[{"c":2,"d":1}]}',
    );
  });
});

describe(sameJson, () => {
  it('does not mind the order of keys, and does mind kept digits', () => {
    expect(sameJson({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
    expect(sameJson(parseJson('[9007199254740993]'), parseJson('[9007199254740992]'))).toBe(false);
  });
});

describe(cloneJson, () => {
  it('shares nothing and loses nothing', () => {
    const original = parseJson('{"a":{"n":9007199254740993},"l":[{}]}');
    if (!isJsonObject(original)) throw new Error('an object was parsed');

    const copy = cloneJson(original);

    expect(stringifyJson(copy)).toBe(stringifyJson(original));
    expect(copy.l).not.toBe(original.l);
  });
});
