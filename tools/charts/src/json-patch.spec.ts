import { diffJson, isSame } from './json-patch.ts';

describe(diffJson, () => {
  it('says nothing of equal values, whatever the order of their keys', () => {
    expect(diffJson({ a: 1, b: [{ c: 2 }] }, { b: [{ c: 2 }], a: 1 })).toEqual([]);
  });

  it('adds, replaces and removes by pointer', () => {
    const from = { kept: 1, changed: { deep: 'a' }, gone: true };
    const to = { kept: 1, changed: { deep: 'b' }, new: [1] };

    expect(diffJson(from, to)).toEqual([
      { op: 'remove', path: '/gone' },
      { op: 'replace', path: '/changed/deep', value: 'b' },
      { op: 'add', path: '/new', value: [1] },
    ]);
  });

  it('escapes slashes and tildes in keys', () => {
    const from = { annotations: {} };
    const to = { annotations: { 'a/b~c': 'x' } };

    expect(diffJson(from, to)).toEqual([{ op: 'add', path: '/annotations/a~1b~0c', value: 'x' }]);
  });

  it('compares lists of one length item by item, and replaces others whole', () => {
    const from = { items: [{ a: 1 }, { b: 1 }] };

    expect(diffJson(from, { items: [{ a: 1 }, { b: 2 }] })).toEqual([
      { op: 'replace', path: '/items/1/b', value: 2 },
    ]);
    expect(diffJson(from, { items: [{ a: 1 }] })).toEqual([
      { op: 'replace', path: '/items', value: [{ a: 1 }] },
    ]);
  });
});

describe(isSame, () => {
  it('tells a list from a map, and null from nothing', () => {
    expect(isSame([], {})).toBe(false);
    expect(isSame({ a: null }, {})).toBe(false);
    expect(isSame([1, [2]], [1, [2]])).toBe(true);
  });
});
