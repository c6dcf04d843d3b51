import { ByteLru } from './byte-lru.ts';

const aStore = () => new ByteLru<string>({ totalBytes: 10, perOwnerBytes: 6 });
const bytes = 3;

describe(ByteLru, () => {
  it('keeps what fits', () => {
    const store = aStore();
    store.set('a', 'x', { value: '1', bytes });
    store.set('a', 'x', { value: '2', bytes });

    expect(store.get('a', 'x')).toBe('2');
    expect(store.get('b', 'x')).toBeUndefined();
    expect(store.totalBytes).toBe(3);
  });

  it('lets go of what its owner has not used for longest', () => {
    const store = aStore();
    store.set('b', 'x', { value: 'b', bytes });
    store.set('a', 'x', { value: '1', bytes });
    store.set('a', 'y', { value: '2', bytes });
    store.get('a', 'x');

    store.set('a', 'z', { value: '3', bytes });

    expect([store.get('a', 'x'), store.get('a', 'y'), store.get('a', 'z')]).toEqual([
      '1',
      undefined,
      '3',
    ]);
    expect(store.get('b', 'x')).toBe('b');
  });

  it('lets go of what anybody has not used for longest', () => {
    const store = aStore();
    for (const owner of ['a', 'b', 'c']) store.set(owner, 'x', { value: owner, bytes });
    store.get('a', 'x');

    store.set('d', 'x', { value: 'd', bytes });

    expect(store.get('b', 'x')).toBeUndefined();
    expect(store.get('a', 'x')).toBe('a');
    expect(store.totalBytes).toBe(9);
  });

  it('does not keep what no room is enough for', () => {
    const store = aStore();
    store.set('a', 'x', { value: 'old', bytes });

    store.set('a', 'x', { value: 'large', bytes: 7 });

    expect(store.get('a', 'x')).toBeUndefined();
    expect(store.totalBytes).toBe(0);
  });

  it('drops of one owner what is named', () => {
    const store = aStore();
    store.set('a', 'x', { value: 'gone', bytes });
    store.set('a', 'y', { value: 'stays', bytes });
    store.set('ab', 'x', { value: 'gone', bytes });

    store.deleteOf('a', (value) => value === 'gone');

    expect([store.get('a', 'x'), store.get('a', 'y')]).toEqual([undefined, 'stays']);
    expect(store.get('ab', 'x')).toBe('gone');
  });
});
