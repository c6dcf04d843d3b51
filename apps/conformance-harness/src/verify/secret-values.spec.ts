import { type JsonObject } from './exact-json.ts';
import { leakedKeys } from './secret-values.ts';

function aSecret(value: string): JsonObject {
  return {
    metadata: { name: 'team' },
    data: { password: Buffer.from(value).toString('base64') },
  };
}

const expected: JsonObject = { kind: 'Secret', metadata: { name: 'team' } };

describe(leakedKeys, () => {
  it('finds nothing in what should be stored', () => {
    expect(leakedKeys(aSecret('hunter22'), expected, expected)).toEqual([]);
  });

  it.each([
    ['base64', { ...expected, data: { password: 'aHVudGVyMjI=' } }],
    ['decoded', { ...expected, note: 'it is hunter22' }],
    ['a key', { ...expected, note: { hunter22: 1 } }],
    ['text in text', { ...expected, note: JSON.stringify({ password: 'aHVudGVyMjI=' }) }],
  ])('finds a value that is stored as %s', (_form, stored) => {
    expect(leakedKeys(aSecret('hunter22'), stored, expected)).toEqual(['password']);
  });

  it('finds a value that JSON has to escape', () => {
    const value = 'two\nlines "quoted"';

    expect(leakedKeys(aSecret(value), { ...expected, note: value }, expected)).toEqual([
      'password',
    ]);
  });

  it('does not take the name of the Secret for a value that is the same', () => {
    expect(leakedKeys(aSecret('team'), expected, expected)).toEqual([]);
  });

  it('finds a value that is the name of the Secret and stands there once more', () => {
    expect(leakedKeys(aSecret('team'), { ...expected, x: 'team' }, expected)).toEqual(['password']);
  });

  it('does not search for what is too short to mean anything', () => {
    expect(leakedKeys(aSecret('ab'), { ...expected, note: 'abc' }, expected)).toEqual([]);
  });
});
