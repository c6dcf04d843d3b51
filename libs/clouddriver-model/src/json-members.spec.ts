import fc from 'fast-check';
import { membersOf, valueIn } from './json-members.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Every member as a value, as `JSON.parse` would have it. */
function parsed(bytes: Uint8Array): unknown {
  const members = membersOf(bytes);
  if (members === undefined) return undefined;
  const values = [...members].map(([name, stretch]) => [name, valueIn(bytes, stretch)] as const);
  return Object.fromEntries(values);
}

function expected(bytes: Uint8Array): unknown {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? value : undefined;
  } catch {
    return undefined;
  }
}

describe('membersOf', () => {
  it('agrees with JSON.parse about any object', () => {
    const objects = fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue(), {
      noNullPrototype: true,
    });
    const spaces = fc.constantFrom(undefined, 1, '\t');
    fc.assert(
      fc.property(objects, spaces, (object, indent) => {
        const bytes = bytesOf(JSON.stringify(object, null, indent));
        expect(parsed(bytes)).toEqual(expected(bytes));
      }),
    );
  });

  it('agrees with JSON.parse about any damage to one', () => {
    const text = JSON.stringify({
      kind: 'Pod',
      spec: { list: [1, -0.5, 2e9, true, false, null, [], {}], text: 'a"\\\u00e9\u0001/' },
    });
    const whole = bytesOf(text);
    const byte = fc.constantFrom(
      ...Buffer.from('"\\{}[],:0123456789.-+eEu tfnrl\n\u0000\u00ff', 'latin1'),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), byte, fc.nat(2), (at, damage, mode) => {
        const [head, tail] = [whole.subarray(0, at), whole.subarray(at)];
        const bytes =
          mode === 0
            ? Buffer.concat([head, Uint8Array.of(damage), tail])
            : mode === 1
              ? Buffer.concat([head, Uint8Array.of(damage), tail.subarray(1)])
              : Buffer.concat([head, tail.subarray(1)]);
        expect(parsed(bytes)).toEqual(expected(bytes));
      }),
      { numRuns: 5000 },
    );
  });

  it.each([
    '',
    '{',
    '[]',
    'null',
    '{}x',
    '{"a":1,}',
    '{"a":01}',
    '{"a":1.}',
    '{"a":.5}',
    '{"a":1e}',
    '{"a":+1}',
    '{"a":tru}',
    '{"a":truee}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a":"\\u12g4"}',
    '{"a":[1,]}',
    '{"a":[1}',
    '{"a":{"b"}}',
    "{'a':1}",
  ])('refuses %j', (text) => {
    expect(membersOf(bytesOf(text))).toBeUndefined();
  });

  it('refuses bytes that are no UTF-8', () => {
    expect(membersOf(Buffer.from('{"a":"\xff"}', 'latin1'))).toBeUndefined();
  });

  it('takes the last of two members with one name, escaped or not', () => {
    expect(parsed(bytesOf('{"kind":1,"\\u006bind":2}'))).toEqual({ kind: 2 });
  });

  it('goes as deep as an API server lets an object nest', () => {
    const depth = 10_000;
    const bytes = bytesOf(`{"a":${'[{"b":'.repeat(depth)}1${'}]'.repeat(depth)}}`);
    expect(membersOf(bytes)?.get('a')).toEqual({ start: 5, end: bytes.length - 1 });
  });
});
