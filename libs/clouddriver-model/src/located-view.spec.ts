import fc from 'fast-check';
import { aPod, anObject, bytesOf, goldenObjects } from './testing/index.ts';
import { threadKernel, ViewReader } from './located-view.ts';
import { ModelError } from './model-error.ts';
import { readAnnotations } from './moniker.ts';
import { parseObjectView, type ProjectedView } from './object-view.ts';

const reader = new ViewReader();

/** What projection reads of a view. */
function readOf({ annotations, ...view }: ProjectedView): object {
  const entries = Object.entries(annotations);
  const read = entries.filter(([name]) => readAnnotations.some((each) => each === name));
  return { ...view, labels: undefined, annotations: Object.fromEntries(read) };
}

function outcome(read: () => ProjectedView): unknown {
  try {
    return readOf(read());
  } catch (error: unknown) {
    return error;
  }
}

const bothWays = (bytes: Uint8Array): readonly [unknown, unknown] => [
  outcome(() => reader.read(bytes)),
  outcome(() => parseObjectView(bytes)),
];

const all = (annotations: Readonly<Record<string, string>>): string =>
  JSON.stringify(aPod({ annotations, labels: annotations }));
const every = Object.fromEntries(readAnnotations.map((name) => [name, `of ${name}`]));
const copy = JSON.stringify(anObject('v1', 'Pod', { annotations: every }));

describe(ViewReader, () => {
  it('has a kernel here', () => {
    expect(threadKernel()).not.toBeNull();
  });

  it.each(goldenObjects())('reads $name as if it was parsed', ({ bytes }) => {
    const [located, parsed] = bothWays(bytes);

    expect(located).toEqual(parsed);
  });

  it.each([
    ['every annotation', all(every)],
    ['escapes in values', all({ [readAnnotations[0]]: '"a\\\n\u00e9' })],
    ['a copy of itself', all({ 'kubectl.kubernetes.io/last-applied-configuration': copy })],
    ['huge annotations', all({ ...every, huge: 'x\\"'.repeat(100_000) })],
    ['an annotation that is no string', all(every).replace(`"of ${readAnnotations[1]}"`, '5')],
    ['an escaped name of an annotation', all(every).replace('moniker', 'm\\u006fniker')],
    ['an escaped name', all(every).replace('"kind"', '"k\\u0069nd"')],
    ['two kinds', all(every).replace('"kind":"Pod"', '"kind":"Pod","kind":"Job"')],
    ['two names', all(every).replace('"name":', '"name":"other","name":')],
    ['two metadata', all(every).replace('{', '{"metadata":{"uid":"u","namespace":"x"},')],
    ['look-alikes', all(every).replace('"spec":{}', '"spec":{"metadata":{"name":"x"},"kind":"y"}')],
    ['null for a namespace', all(every).replace('"prod"', 'null')],
    ['owners that are none', JSON.stringify(aPod({ owners: ['Job/a', '/b', 'Job/'] }))],
    ['no owners', all({}).replace('"uid"', '"ownerReferences":{},"uid"')],
    ['no name', all(every).replace('"web"', '""')],
    ['a name that is a number', all(every).replace('"web"', '5')],
    ['metadata that is a list', '{"kind":"Pod","apiVersion":"v1","metadata":[]}'],
    ['no kind', '{"apiVersion":"v1","metadata":{"name":"n"}}'],
    ['a text of no object', '["kind"]'],
    ['nothing', ''],
  ])('reads an object with %s as if it was parsed', (_, text) => {
    const [located, parsed] = bothWays(Buffer.from(text));

    expect(located).toEqual(parsed);
  });

  it('refuses whatever is cut off', () => {
    const whole = bytesOf(aPod({ annotations: every, owners: ['ReplicaSet/web'] }));

    for (let end = 0; end < whole.length; end += 1) {
      expect(() => reader.read(whole.subarray(0, end))).toThrow(new ModelError('invalidJson', {}));
    }
  });

  it('agrees with parsing about any damage', () => {
    const whole = bytesOf(
      anObject('apps/v1', 'ReplicaSet', {
        ...{ annotations: { ...every, other: '\u00e9' }, owners: ['Deployment/web'] },
        spec: { template: { metadata: { labels: { app: 'web' } } } },
      }),
    );
    const byte = fc.constantFrom(
      ...Buffer.from('"\\{}[],:01.-eu tfn\n\u0000\u0080\u00ff', 'latin1'),
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), byte, (at, damage) => {
        const bytes = Uint8Array.from(whole);
        bytes[at] = damage;
        const [located, parsed] = bothWays(bytes);
        expect(located).toEqual(parsed);
      }),
      { numRuns: 5000, seed: 4711 },
    );
  });

  it('gives objects with equal owners the same list of them', () => {
    const of = (name: string, owner: string) => bytesOf(aPod({ name, owners: [owner] }));
    const [a, b, c] = [of('a', 'Job/x'), of('b', 'Job/x'), of('c', 'Job/y')].map(
      (bytes) => reader.read(bytes).owners,
    );

    expect(b).toBe(a);
    expect(c).toEqual([{ apiVersion: 'apps/v1', kind: 'Job', name: 'y' }]);
  });

  it('parses everything where there is no kernel', () => {
    const bytes = bytesOf(aPod({ annotations: every }));

    expect(new ViewReader(null).read(bytes)).toEqual(parseObjectView(bytes));
  });
});
