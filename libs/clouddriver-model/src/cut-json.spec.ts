import fc from 'fast-check';
import { readCutJson } from './cut-json.ts';

describe(readCutJson, () => {
  it('reads whole JSON as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 2), (text, space) => {
        const value: unknown = JSON.parse(text);
        // A bare number at the end of the text may have been cut: a space says that it was not.
        expect(readCutJson(`${JSON.stringify(value, null, space)} `)).toEqual(value);
      }),
      { seed: 2 },
    );
  });

  it('reads a cut text without throwing, and invents nothing', () => {
    const text = '{"a":{"b":[1,{"c":"d\\"e\\\\"},true],"f":"g"},"h":-1.5e3,"i":null}';
    const whole = JSON.stringify(JSON.parse(text));
    for (let length = 0; length <= text.length; length += 1) {
      const value = readCutJson(text.slice(0, length));
      const printed = value === undefined ? '' : JSON.stringify(value);

      // All that is left of a cut text are closing brackets in other places.
      const content = printed.replace(/[\]}]+$/, '');
      expect(whole.startsWith(content)).toBe(true);
    }
  });

  it.each(['nonsense ', '{"a" 1}', '{"a":x,"b":1}', '["a"}', '{]'])('survives %j', (text) => {
    expect(() => readCutJson(text)).not.toThrow();
  });
});
