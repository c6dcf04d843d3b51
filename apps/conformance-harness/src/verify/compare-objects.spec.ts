import { compareObject, KindComparison } from './compare-objects.ts';
import { type JsonObject } from './exact-json.ts';
import { expectedManifest } from './expected-manifest.ts';

const type = { apiVersion: 'v1', kind: 'ConfigMap' };
const secretType = { apiVersion: 'v1', kind: 'Secret' };

function anObject(name: string, data: JsonObject = { a: '1' }): JsonObject {
  return { metadata: { name, namespace: 'n', managedFields: [] }, data };
}

function compare(cluster: readonly JsonObject[], stored: readonly JsonObject[]): KindComparison {
  const comparison = new KindComparison(type);
  for (const object of cluster) comparison.addCluster(object);
  for (const manifest of stored) {
    const { name } = manifest.metadata as { name: string };
    comparison.addStored({ namespace: 'n', name }, manifest);
  }
  return comparison;
}

const stored = (object: JsonObject): JsonObject => expectedManifest(object, type);

describe(KindComparison, () => {
  it('finds nothing when both sides agree', () => {
    const objects = [anObject('a'), anObject('b')];

    const comparison = compare(objects, objects.map(stored));

    expect(comparison.suspects()).toEqual([]);
    expect(comparison.objects).toBe(2);
  });

  it('names a row that was removed', () => {
    const comparison = compare([anObject('a'), anObject('b')], [stored(anObject('a'))]);

    expect(comparison.suspects()).toEqual([{ kind: 'missing', namespace: 'n', name: 'b' }]);
  });

  it('names a row that was added', () => {
    const comparison = compare([anObject('a')], [anObject('a'), anObject('z')].map(stored));

    expect(comparison.suspects()).toEqual([{ kind: 'extra', namespace: 'n', name: 'z' }]);
  });

  it('names a row that was changed', () => {
    const comparison = compare([anObject('a')], [stored(anObject('a', { a: '2' }))]);

    expect(comparison.suspects()).toEqual([{ kind: 'different', namespace: 'n', name: 'a' }]);
  });

  it.each<[string, JsonObject, number]>([
    ['all but its values', {}, 0],
    ['its metadata alone', { type: undefined }, 0],
    ['another type', { type: 'Other' }, 1],
    ['a member that it has not', { immutable: true }, 1],
    ['other metadata', { metadata: { name: 's', namespace: 'n', labels: {} } }, 1],
  ])('compares of a Secret what is stored: %s', (_, change, suspects) => {
    const secret = { ...anObject('s', { password: 'aHVudGVyMjI=' }), type: 'Opaque' };
    const comparison = new KindComparison(secretType);
    comparison.addCluster(secret);
    const whole = { ...expectedManifest(secret, secretType), ...change };
    const held = Object.entries(whole).filter(([, value]) => value !== undefined);

    comparison.addStored({ namespace: 'n', name: 's' }, Object.fromEntries(held));

    expect(comparison.suspects()).toHaveLength(suspects);
  });

  it('finds the value of a Secret in what is stored of it', () => {
    const secret = anObject('s', { password: 'aHVudGVyMjI=' });
    const comparison = new KindComparison(secretType);
    comparison.addCluster(secret);

    comparison.addStored(
      { namespace: 'n', name: 's' },
      { ...expectedManifest(secret, secretType), note: 'hunter22' },
    );

    expect(comparison.leaks).toEqual([
      { kind: 'secretValue', object: 'Secret n/s', detail: 'data.password' },
    ]);
  });
});

describe(compareObject, () => {
  const object = anObject('a');

  it.each([
    ['both sides agree', object, stored(object), undefined],
    ['it is on neither side', undefined, undefined, undefined],
    ['it is not stored', object, undefined, { kind: 'missing', detail: '' }],
    ['it is only stored', undefined, stored(object), { kind: 'extra', detail: '' }],
    [
      'a value differs',
      object,
      stored(anObject('a', { a: '2' })),
      { kind: 'different', detail: '.data.a' },
    ],
    [
      'managedFields are stored',
      object,
      { ...stored(object), metadata: object.metadata },
      { kind: 'different', detail: '.metadata.managedFields' },
    ],
  ] as const)('when %s', (_situation, cluster, manifest, finding) => {
    expect(compareObject(type, cluster, manifest)).toEqual(finding);
  });
});
