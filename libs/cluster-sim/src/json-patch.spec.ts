import { applyJsonPatch } from './json-patch.ts';
import { type JsonObject, type JsonValue } from './json-value.ts';

const patched = (document: JsonObject, ...operations: JsonObject[]): JsonObject =>
  JSON.parse(JSON.stringify(applyJsonPatch(document, operations))) as JsonObject;

describe(applyJsonPatch, () => {
  it.each<[string, JsonObject, JsonObject, JsonObject]>([
    ['adds a member', {}, { op: 'add', path: '/a', value: 1 }, { a: 1 }],
    ['inserts into a list', { l: [1, 3] }, { op: 'add', path: '/l/1', value: 2 }, { l: [1, 2, 3] }],
    ['appends to a list', { l: [1] }, { op: 'add', path: '/l/-', value: 2 }, { l: [1, 2] }],
    ['removes a member', { a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    ['removes from a list', { l: [1, 2] }, { op: 'remove', path: '/l/0' }, { l: [2] }],
    ['replaces', { a: 1 }, { op: 'replace', path: '/a', value: 2 }, { a: 2 }],
    ['moves', { a: { b: 1 } }, { op: 'move', from: '/a/b', path: '/c' }, { a: {}, c: 1 }],
    ['copies', { a: [1] }, { op: 'copy', from: '/a', path: '/c' }, { a: [1], c: [1] }],
    ['unescapes steps', { 'a/b': { '~': 1 } }, { op: 'remove', path: '/a~1b/~0' }, { 'a/b': {} }],
  ])('%s', (_what, document, operation, result) => {
    expect(patched(document, operation)).toEqual(result);
  });

  it('leaves the original alone', () => {
    const document = { l: [1], o: { a: 1 } };

    applyJsonPatch(document, [
      { op: 'add', path: '/l/-', value: 2 },
      { op: 'remove', path: '/o/a' },
    ]);

    expect(document).toEqual({ l: [1], o: { a: 1 } });
  });

  it('does not share a value that it adds', () => {
    const value: JsonValue[] = [];
    const result = applyJsonPatch({}, [
      { op: 'add', path: '/a', value },
      { op: 'add', path: '/a/-', value: 1 },
    ]);

    expect(result.a).toEqual([1]);
    expect(value).toEqual([]);
  });

  it.each<[string, JsonValue]>([
    ['a path that is not there', [{ op: 'remove', path: '/x' }]],
    ['an index that is not there', [{ op: 'add', path: '/l/5', value: 1 }]],
    ['a step into a text', [{ op: 'add', path: '/t/x', value: 1 }]],
    ['a test that fails', [{ op: 'test', path: '/t', value: 'other' }]],
    ['an unknown operation', [{ op: 'eat', path: '/t' }]],
    ['a missing value', [{ op: 'add', path: '/t' }]],
    ['a missing path', [{ op: 'remove' }]],
  ])('refuses %s', (_what, patch) => {
    expect(() => applyJsonPatch({ l: [], t: 'x' }, patch)).toThrow(
      expect.objectContaining({ reason: 'Invalid' }) as Error,
    );
  });

  it('refuses what is no list', () => {
    expect(() => applyJsonPatch({}, {})).toThrow(expect.objectContaining({ code: 400 }) as Error);
  });
});
