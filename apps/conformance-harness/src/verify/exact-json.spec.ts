import { canonicalText, firstDifference, isExactNumber, parseExact } from './exact-json.ts';

describe(parseExact, () => {
  it.each(['{"n":9007199254740993}', '[1.50]', '{"a":{"n":-12345678901234567890}}', '{"n":1e3}'])(
    'prints %s as it was written',
    (text) => {
      expect(JSON.stringify(parseExact(text))).toBe(text);
    },
  );

  it('leaves numbers that a double holds alone', () => {
    const value = parseExact('{"a":9007199254740993,"b":7}') as { a: unknown; b: unknown };

    expect(isExactNumber(value.a)).toBe(true);
    expect(value.b).toBe(7);
  });
});

describe(firstDifference, () => {
  const difference = (a: string, b: string): string | undefined =>
    firstDifference(parseExact(a), parseExact(b));

  it('finds none where only the order of keys differs', () => {
    expect(difference('{"a":1,"b":{"c":[1,2]}}', '{"b":{"c":[1,2]},"a":1}')).toBeUndefined();
  });

  it.each([
    ['{"spec":{"c":[{"i":"x"}]}}', '{"spec":{"c":[{"i":"y"}]}}', '.spec.c[0].i'],
    ['{"m":{"a.b/c":"1"}}', '{"m":{}}', '.m["a.b/c"]'],
    ['{}', '{"status":{}}', '.status'],
    ['{"l":[1]}', '{"l":[1,2]}', '.l[1]'],
    ['{"l":[]}', '{"l":{}}', '.l'],
    ['{"v":null}', '{}', '.v'],
    ['{"v":"1"}', '{"v":1}', '.v'],
    ['{"n":9007199254740993}', '{"n":9007199254740992}', '.n'],
    ['{"n":1.0}', '{"n":1}', '.n'],
    ['[]', '{}', '.'],
  ])('between %s and %s it is at %s', (a, b, path) => {
    expect(difference(a, b)).toBe(path);
  });
});

describe(canonicalText, () => {
  it('is the same text for the same value in another order', () => {
    const [a, b] = ['{"b":[{"d":1,"c":2}],"a":3}', '{"a":3,"b":[{"c":2,"d":1}]}'];

    expect(canonicalText(parseExact(a))).toBe(canonicalText(parseExact(b)));
  });

  it('keeps every digit', () => {
    expect(canonicalText(parseExact('{"n":9007199254740993}'))).toBe('{"n":9007199254740993}');
  });
});
