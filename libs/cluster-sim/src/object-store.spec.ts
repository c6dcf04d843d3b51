import { ObjectStore } from './object-store.ts';
import { StoredObject } from './stored-object.ts';

function anObject(key: string, resourceVersion: number): StoredObject {
  const tail = Buffer.from(`"metadata":{"resourceVersion":"${String(resourceVersion)}"}}`);
  return new StoredObject({ key, resourceVersion, uid: key, ownerUid: '', tail });
}

function aStore(limits = { maxEvents: 100, maxBytes: 1_000_000 }): ObjectStore {
  return new ObjectStore(limits, 10);
}

const keysOf = (objects: Iterable<StoredObject> | undefined): string[] | undefined =>
  objects && [...objects].map(({ key }) => key);

describe(ObjectStore, () => {
  it('keeps objects in order of their keys, as etcd does', () => {
    const store = aStore();
    for (const [index, key] of ['b/x', 'a/y', 'a-b/x', 'a/x'].entries()) {
      store.record({ type: 'ADDED', object: anObject(key, 11 + index) });
    }

    expect(keysOf(store.objects())).toEqual(['a-b/x', 'a/x', 'a/y', 'b/x']);
    expect(store.size).toBe(4);
  });

  it('leaves alone what somebody still reads', () => {
    const store = aStore();
    store.record({ type: 'ADDED', object: anObject('a', 11) });
    const before = store.objects();

    store.record({ type: 'ADDED', object: anObject('b', 12) });
    store.record({ type: 'DELETED', object: anObject('a', 13) });

    expect(keysOf(before)).toEqual(['a']);
    expect(keysOf(store.objects())).toEqual(['b']);
  });

  it('works out an earlier moment from history', () => {
    const store = aStore();
    const [a11, a12] = [anObject('a', 11), anObject('a', 12)];
    store.record({ type: 'ADDED', object: a11 });
    store.record({ type: 'MODIFIED', object: a12, previous: a11 });
    store.record({ type: 'ADDED', object: anObject('b', 13) });
    store.record({ type: 'DELETED', object: anObject('a', 14), previous: a12 });

    expect([...store.rewind(11)!.objects]).toEqual([a11]);
    expect(keysOf(store.rewind(13)?.objects)).toEqual(['a', 'b']);
    expect(keysOf(store.rewind(14)?.objects)).toEqual(['b']);
  });

  describe('history', () => {
    it('is found by version, between versions too', () => {
      const store = aStore();
      for (const version of [11, 13, 15]) {
        store.record({ type: 'ADDED', object: anObject(`o${String(version)}`, version) });
      }

      const next = (version: number): unknown => {
        const sequence = store.sequenceAfter(version);
        const event = sequence === 'gone' ? 'gone' : store.eventAt(sequence);
        return event === 'gone' ? 'gone' : event?.object.resourceVersion;
      };
      expect([9, 10, 11, 12, 14, 15, 99].map(next)).toEqual([
        'gone',
        11,
        13,
        13,
        15,
        undefined,
        undefined,
      ]);
    });

    it('forgets the oldest beyond its number of events', () => {
      const store = aStore({ maxEvents: 3, maxBytes: 1_000_000 });
      for (let version = 11; version <= 311; version++) {
        store.record({ type: 'ADDED', object: anObject(`o${String(version)}`, version) });
      }

      expect(store.sequenceAfter(307)).toBe('gone');
      expect(store.eventAt(store.sequenceAfter(308) as number)).toMatchObject({
        object: { resourceVersion: 309 },
      });
      expect(store.eventAt(0)).toBe('gone');
      expect(store.oldestResourceVersion).toBe(308);
    });

    it('forgets the oldest beyond its bytes, but never the newest', () => {
      const store = aStore({ maxEvents: 100, maxBytes: 10 });
      for (const version of [11, 12]) {
        store.record({ type: 'ADDED', object: anObject(`o${String(version)}`, version) });
      }

      expect(store.sequenceAfter(10)).toBe('gone');
      expect(store.eventAt(store.sequenceAfter(11) as number)).toBeDefined();
    });

    it('is gone after a compaction, and goes on from there', () => {
      const store = aStore();
      store.record({ type: 'ADDED', object: anObject('a', 11) });
      store.keepSnapshot({ objects: store.objects(), resourceVersion: 11 }, Infinity);

      store.compact(20);
      store.record({ type: 'ADDED', object: anObject('b', 21) });

      expect(store.sequenceAfter(11)).toBe('gone');
      expect(store.snapshotAt(11, 0)).toBeUndefined();
      expect(store.rewind(11)).toBeUndefined();
      expect(store.eventAt(store.sequenceAfter(20) as number)).toMatchObject({ type: 'ADDED' });
    });
  });

  it('keeps a moment until its time is over', () => {
    const store = aStore();
    store.keepSnapshot({ objects: store.objects(), resourceVersion: 10 }, 1000);

    expect(store.snapshotAt(10, 999)).toBeDefined();
    expect(store.snapshotAt(10, 1000)).toBeUndefined();
  });
});
