import fc from 'fast-check';
import { MemberKernel, type WantedNames } from './member-kernel.ts';

const names: WantedNames = [
  ['metadata', 'kind', 'spec'],
  ['annotations', 'name', 'list'],
  ['a', 'b.c/d'],
];
const [object, metadata, annotations] = names;
const kernel = new MemberKernel(names);

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

type Members = Readonly<Record<string, unknown>>;

const membersIn = (value: unknown): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {};

const own = (members: Members, name: string): unknown =>
  Object.hasOwn(members, name) ? members[name] : undefined;

/** What `JSON.parse` finds under the wanted names; throws for what is no JSON in UTF-8. */
function parsed(bytes: Uint8Array): readonly unknown[] {
  const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  const root = membersIn(value);
  const inMetadata = membersIn(own(root, 'metadata'));
  const inAnnotations = membersIn(own(inMetadata, 'annotations'));
  return [
    ...object.map((name) => own(root, name)),
    ...metadata.map((name) => own(inMetadata, name)),
    ...annotations.map((name) => own(inAnnotations, name)),
  ];
}

/** What the kernel says of the object found last. */
function found(): readonly unknown[] {
  return names.flat().map((_, name) => {
    const text = kernel.textOf(name);
    return text === '' ? undefined : (JSON.parse(text) as unknown);
  });
}

const key = fc.oneof(
  fc.constantFrom(...names.flat(), 'Kind', 'metadat', 'metadatas', 'b.c/', '__proto__', ''),
  fc.string({ unit: 'grapheme' }),
);
const members = (value: fc.Arbitrary<unknown>): fc.Arbitrary<object> =>
  fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 8 }).map((all) => {
    const made: Record<string, unknown> = {};
    for (const [name, each] of all) {
      Object.defineProperty(made, name, { value: each, enumerable: true });
    }
    return made;
  });
const scalarOrDeep = fc.jsonValue();
const objects = members(
  fc.oneof(scalarOrDeep, members(fc.oneof(scalarOrDeep, members(scalarOrDeep)))),
);
const spaces = fc.constantFrom(undefined, 1, '\t');

describe(MemberKernel, () => {
  it('finds the members that JSON.parse finds, or leaves the object to others', () => {
    let finds = 0;
    fc.assert(
      fc.property(objects, spaces, (value, indent) => {
        const bytes = bytesOf(JSON.stringify(value, null, indent));
        if (!kernel.find(bytes)) return;
        finds += 1;
        expect(found()).toEqual(parsed(bytes));
      }),
      { numRuns: 2000, seed: 4711 },
    );
    expect(finds).toBeGreaterThan(300);
  });

  it('finds nothing in damaged text that JSON.parse refuses, and what it finds in the rest', () => {
    const whole = bytesOf(
      JSON.stringify({
        kind: 'Pod',
        metadata: { name: 'n\u00e9\u{1f600}', annotations: { a: '"\\"', 'b.c/d': 'x' }, list: [] },
        spec: { list: [1, -0.5, 2e9, true, false, null, [], {}], text: 'a"\\\u00e9\u20ac\u0001/' },
      }),
    );
    const byte = fc.constantFrom(
      ...Buffer.from(
        '"\\{}[],:0123456789.-+eEu tfnrl\n\u0000\u007f\u0080\u00c0\u00ed\u00f4\u00ff',
        'latin1',
      ),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), byte, fc.nat(2), (at, damage, mode) => {
        const [head, tail] = [whole.subarray(0, at), whole.subarray(at + (mode > 0 ? 1 : 0))];
        const bytes = Buffer.concat(mode < 2 ? [head, Uint8Array.of(damage), tail] : [head, tail]);
        if (kernel.find(bytes)) expect(found()).toEqual(parsed(bytes));
      }),
      { numRuns: 10_000, seed: 4711 },
    );
  });

  it('finds nothing in a text that is cut anywhere, and nothing of the one before', () => {
    const whole = bytesOf(
      '{"kind":"Pod","metadata":{"name":"n","annotations":{"a":"1"}},"spec":[{}]}',
    );

    for (let end = 0; end < whole.length; end += 1) {
      expect(kernel.find(whole)).toBe(true);
      expect(kernel.find(whole.subarray(0, end))).toBe(false);
    }
  });

  it.each([
    ['a space or more anywhere', ' { "kind" :\t"Pod" , "metadata":\r\n{ } } '],
    ['other names with escapes inside of values', '{"kind":"Pod","spec":{"\\u006b":{"kind":1}}}'],
    ['names alike in other places', '{"kind":"Pod","spec":{"kind":"x","metadata":{"name":"y"}}}'],
    ['metadata that is no object', '{"kind":"Pod","metadata":["name"]}'],
    ['a value of any length', `{"kind":"Pod","spec":"${'x'.repeat(200_000)}"}`],
  ])('finds a member beside %s', (_, text) => {
    expect(kernel.find(bytesOf(text))).toBe(true);
    expect(found()).toEqual(parsed(bytesOf(text)));
    expect(kernel.stringOf(object.indexOf('kind'))).toBe('Pod');
  });

  it.each([
    ['a wanted name that stands twice', '{"kind":"Pod","kind":"Job"}'],
    ['metadata that stands twice', '{"metadata":{"name":"a"},"metadata":{}}'],
    ['an escaped name', '{"\\u006bind":"Pod"}'],
    ['an escaped name in the metadata', '{"metadata":{"n\\u0061me":"a"}}'],
    ['a name that is not ASCII', '{"metadata":{"annotations":{"\u00e9":"a"}}}'],
    ['deep nesting', `{"spec":${'['.repeat(600)}${']'.repeat(600)}}`],
    ['more than 256 KiB', `{"spec":"${'x'.repeat(256 * 1024)}"}`],
  ])('leaves %s to others', (_, text) => {
    expect(kernel.find(bytesOf(text))).toBe(false);
  });

  it('reads strings with escapes and beyond ASCII, and only strings', () => {
    const text = JSON.stringify({
      kind: 'P\n\u00f6\u20ac\u{1f600}"',
      metadata: { name: 7 },
      spec: '',
    });

    expect(kernel.find(bytesOf(text))).toBe(true);
    expect(kernel.stringOf(1)).toBe('P\n\u00f6\u20ac\u{1f600}"');
    expect(kernel.stringOf(2)).toBe('');
    expect(kernel.stringOf(0)).toBeUndefined();
    expect(kernel.stringOf(object.length + 1)).toBeUndefined();
    expect(kernel.stringOf(object.length + 2)).toBeUndefined();
  });
});
