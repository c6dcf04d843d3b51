import { type JsonObject } from './json-value.ts';
import { applyMergePatch, applyStrategicPatch } from './merge-patch.ts';

const plain = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

describe(applyMergePatch, () => {
  // The examples of RFC 7396, appendix A, that concern objects.
  it.each<[JsonObject, JsonObject, JsonObject]>([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (target, patch, result) => {
    expect(plain(applyMergePatch(target, patch))).toEqual(result);
  });
});

describe(applyStrategicPatch, () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    [
      'merges named items',
      {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      },
      { containers: [{ name: 'b', image: '2' }, { name: 'c' }] },
      { containers: [{ name: 'a', image: '1' }, { name: 'b', image: '2' }, { name: 'c' }] },
    ],
    [
      'deletes a named item',
      { env: [{ name: 'A' }, { name: 'B' }] },
      { env: [{ name: 'A', $patch: 'delete' }] },
      { env: [{ name: 'B' }] },
    ],
    [
      'replaces a list on demand',
      { env: [{ name: 'A' }] },
      { env: [{ $patch: 'replace' }, { name: 'B' }] },
      { env: [{ name: 'B' }] },
    ],
    ['replaces lists it knows nothing of', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    [
      'adds finalizers',
      { finalizers: ['a'] },
      { finalizers: ['b', 'a'] },
      { finalizers: ['a', 'b'] },
    ],
    [
      'removes finalizers by name',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'] },
      { finalizers: ['b'] },
    ],
    [
      'drops the order it is told',
      { env: [] },
      { '$setElementOrder/env': [{ name: 'A' }] },
      { env: [] },
    ],
    [
      'keeps only what it is told',
      { a: 1, b: 2 },
      { $retainKeys: ['b', 'c'], c: 3 },
      { b: 2, c: 3 },
    ],
    [
      'replaces an object on demand',
      { s: { a: 1 } },
      { s: { $patch: 'replace', b: 2 } },
      { s: { b: 2 } },
    ],
    [
      'knows ports of containers from ports of services',
      { ports: [{ port: 80, name: 'x' }] },
      { ports: [{ port: 80, targetPort: 8080 }] },
      { ports: [{ port: 80, name: 'x', targetPort: 8080 }] },
    ],
  ])('%s', (_what, target, patch, result) => {
    expect(plain(applyStrategicPatch(target, patch))).toEqual(result);
  });
});
