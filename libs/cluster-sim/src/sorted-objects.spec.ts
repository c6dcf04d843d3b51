import { nextBelow, seededRandom } from './clock.ts';
import { SortedObjects } from './sorted-objects.ts';
import { StoredObject } from './stored-object.ts';

function anObject(key: string, resourceVersion = 1): StoredObject {
  return new StoredObject({ key, resourceVersion, uid: key, ownerUid: '', tail: Buffer.alloc(0) });
}

const keysOf = (objects: Iterable<StoredObject>): string[] => [...objects].map(({ key }) => key);

describe(SortedObjects, () => {
  it('agrees with a sorted map after thousands of random changes, at every view', () => {
    const random = seededRandom(3);
    const sorted = new SortedObjects();
    const model = new Map<string, StoredObject>();
    const expected = (): StoredObject[] =>
      [...model.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const views: { taken: Iterable<StoredObject>; then: StoredObject[] }[] = [];

    for (let change = 0; change < 5000; change++) {
      const key = `k-${String(nextBelow(random, 1500)).padStart(4, '0')}`;
      if (random.next() < 0.7) {
        const object = anObject(key, change);
        sorted.put(object);
        model.set(key, object);
      } else {
        sorted.remove(key);
        model.delete(key);
      }
      if (change % 500 === 0) views.push({ taken: sorted.view(), then: expected() });
    }

    const now = expected();
    expect(sorted.length).toBe(now.length);
    expect([...sorted.view()]).toEqual(now);
    for (const { taken, then } of views) expect([...taken]).toEqual(then);
    for (const [index, object] of now.entries()) {
      expect(sorted.at(index)).toBe(object);
      expect(sorted.get(object.key)).toBe(object);
      expect(sorted.view().lowerBound(object.key)).toBe(index);
    }
  });

  it('takes many at once, and puts them among those that are there', () => {
    const sorted = new SortedObjects();
    sorted.load([anObject('b'), anObject('d')]);
    const before = sorted.view();

    sorted.load([anObject('c'), anObject('a')]);

    expect(keysOf(sorted.view())).toEqual(['a', 'b', 'c', 'd']);
    expect(keysOf(before)).toEqual(['b', 'd']);
  });

  it('finds ranges over the borders of its leaves', () => {
    const sorted = new SortedObjects();
    const name = (index: number): string => `k-${String(index).padStart(4, '0')}`;
    sorted.load(Array.from({ length: 2000 }, (_, index) => anObject(name(index))));
    const view = sorted.view();

    expect(keysOf(view.range(510, 514))).toEqual([510, 511, 512, 513].map(name));
    expect(keysOf(view.range(1999, 5000))).toEqual([name(1999)]);
    expect(keysOf(view.range(7, 7))).toEqual([]);
    expect(view.lowerBound('k-0511x')).toBe(512);
    expect(view.lowerBound('z')).toBe(2000);
    expect(view.at(2000)).toBeUndefined();
    expect(view.get('k-0511x')).toBeUndefined();
  });

  it('leaves what was worked out from a view apart from it', () => {
    const sorted = new SortedObjects();
    sorted.load([anObject('a'), anObject('b')]);

    const past = sorted.view().toSorted();
    past.remove('a');
    sorted.put(anObject('c'));

    expect(keysOf(past.view())).toEqual(['b']);
    expect(keysOf(sorted.view())).toEqual(['a', 'b', 'c']);
  });

  it('is empty at first, and again when all have gone', () => {
    const sorted = new SortedObjects();
    sorted.remove('a');
    sorted.put(anObject('a'));
    sorted.remove('a');

    expect([sorted.length, keysOf(sorted.view()), sorted.at(0), sorted.get('a')]).toEqual([
      0,
      [],
      undefined,
      undefined,
    ]);
  });
});
