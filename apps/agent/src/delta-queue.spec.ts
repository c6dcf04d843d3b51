import type { DeltaRecord, DeltaType } from '@fairlead/protocol';
import fc from 'fast-check';
import { DeltaQueue, recordBytes } from './delta-queue.ts';

function record(
  type: DeltaType,
  name = '',
  version = 0,
  more: Partial<DeltaRecord> = {},
): DeltaRecord {
  const resourceVersion = version === 0 ? '' : String(version);
  const base = { readAtMs: 1, namespace: 'n', uid: `uid-${name}`, object: new Uint8Array(10) };
  return { ...base, type, resourceVersion, name, ...more };
}

const shown = (records: readonly DeltaRecord[]): string[] =>
  records.map(({ type, name, resourceVersion }) => `${type} ${name}@${resourceVersion}`);

/** As a feed does that is held back. */
function put(queue: DeltaQueue, one: DeltaRecord): DeltaRecord | undefined {
  const outdated = queue.takeOutdated(one);
  queue.push(one);
  return outdated;
}

const all = (queue: DeltaQueue): string[] => shown(queue.take(Infinity, Infinity));

describe(DeltaQueue, () => {
  it('replaces an unsent change by a newer one of the same object, at the end', () => {
    const queue = new DeltaQueue();

    put(queue, record('applied', 'a', 1));
    put(queue, record('applied', 'b', 2));
    const replaced = put(queue, record('applied', 'a', 3));

    expect(replaced?.resourceVersion).toBe('1');
    expect(all(queue)).toEqual(['applied b@2', 'applied a@3']);
  });

  it('keeps a deletion when the name is used again', () => {
    const queue = new DeltaQueue();

    put(queue, record('applied', 'a', 1));
    put(queue, record('deleted', 'a', 2));
    put(queue, record('applied', 'a', 3, { uid: 'another' }));
    put(queue, record('applied', 'a', 4, { uid: 'another' }));

    expect(all(queue)).toEqual(['deleted a@2', 'applied a@4']);
  });

  it('keeps a deletion also where objects have no uid', () => {
    const queue = new DeltaQueue();

    put(queue, record('deleted', 'a', 1, { uid: '' }));
    put(queue, record('applied', 'a', 2, { uid: '' }));

    expect(all(queue)).toEqual(['deleted a@1', 'applied a@2']);
  });

  it('keeps the last word of an object whose name another one took', () => {
    const queue = new DeltaQueue();

    put(queue, record('applied', 'a', 1));
    put(queue, record('applied', 'a', 2, { uid: 'another' }));

    expect(all(queue)).toEqual(['applied a@1', 'applied a@2']);
  });

  it('replaces nothing while nobody asks, and finds what waits as soon as somebody does', () => {
    const queue = new DeltaQueue();

    queue.push(record('applied', 'a', 1));
    queue.push(record('applied', 'a', 2));
    queue.push(record('applied', 'b', 3));
    expect(queue.count).toBe(3);
    put(queue, record('applied', 'a', 4));
    queue.stopReplacing();
    queue.push(record('applied', 'b', 5));
    put(queue, record('deleted', 'b', 6));

    expect(all(queue)).toEqual(['applied a@1', 'applied b@3', 'applied a@4', 'deleted b@6']);
  });

  it('does not take one object for another that has the same uid', () => {
    const queue = new DeltaQueue();

    put(queue, record('applied', 'a', 1, { uid: 'same' }));
    put(queue, record('applied', 'b', 2, { uid: 'same' }));

    expect(all(queue)).toEqual(['applied a@1', 'applied b@2']);
  });

  it('says how much of it belongs to a snapshot', () => {
    const queue = new DeltaQueue();
    for (const type of ['init', 'initApplied', 'initDoneUnswept', 'applied'] as const) {
      queue.push(record(type, 'a', 1));
    }

    expect(queue.snapshotCount).toBe(3);
    queue.take(Infinity, 2);
    expect(queue.snapshotCount).toBe(1);
    queue.take(Infinity, 2);
    expect(queue.snapshotCount).toBe(0);
  });

  it('never takes anything out of a snapshot', () => {
    const queue = new DeltaQueue();
    const given = [
      record('init'),
      record('initApplied', 'a', 1),
      record('initApplied', 'a', 2),
      record('initDone', '', 2),
      record('applied', 'a', 3),
    ];

    for (const one of given) put(queue, one);

    expect(queue.take(Infinity, Infinity)).toEqual(given);
  });

  it('gives at least one delta, however large, and else keeps both bounds', () => {
    const queue = new DeltaQueue();
    put(queue, record('applied', 'huge', 1, { object: new Uint8Array(5000) }));
    for (let index = 0; index < 5; index += 1)
      put(queue, record('applied', `o${index}`, 2 + index));

    expect(shown(queue.take(100, 10))).toEqual(['applied huge@1']);
    expect(queue.take(Infinity, 2)).toHaveLength(2);
    expect(queue.take(2 * recordBytes(record('applied', 'o0', 2)), 10)).toHaveLength(2);
    expect(queue.count).toBe(1);
  });
});

/** What a cluster does to one object, as a feed sees it. */
const changes = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('applied', 'deleted'),
    takes: fc.integer({ min: 0, max: 3 }),
    isHeldBack: fc.boolean(),
  }),
  { maxLength: 60 },
);

/** Objects that a receiver holds after these deltas. */
function replay(records: readonly DeltaRecord[]): Map<string, string> {
  const objects = new Map<string, string>();
  for (const { type, name, uid, resourceVersion } of records) {
    if (type === 'applied') objects.set(name, `${uid}@${resourceVersion}`);
    if (type === 'deleted' && objects.get(name)?.startsWith(`${uid}@`) === true)
      objects.delete(name);
  }
  return objects;
}

describe('any run of changes through a queue that is emptied now and then', () => {
  it('leads to the same objects, loses no deletion, keeps order and counts its bytes', () => {
    fc.assert(
      fc.property(changes, (steps) => {
        const queue = new DeltaQueue();
        const given: DeltaRecord[] = [];
        const got: DeltaRecord[] = [];
        const generation = new Map<string, number>();
        const alive = new Set<string>();
        for (const [index, { name, kind, takes, isHeldBack }] of steps.entries()) {
          if (kind === 'deleted' && !alive.has(name)) continue;
          if (kind === 'applied' && !alive.has(name)) {
            generation.set(name, (generation.get(name) ?? 0) + 1);
          }
          const uid = `${name}${generation.get(name) ?? 0}`;
          if (kind === 'applied') alive.add(name);
          if (kind === 'deleted') alive.delete(name);
          const one = record(kind, name, index + 1, { uid });
          given.push(one);
          if (isHeldBack) put(queue, one);
          else {
            queue.stopReplacing();
            queue.push(one);
          }
          got.push(...(takes === 0 ? [] : queue.take(Infinity, takes)));
        }
        got.push(...queue.take(Infinity, Infinity));

        expect(replay(got)).toEqual(replay(given));
        const deletions = (records: readonly DeltaRecord[]) =>
          records.filter(({ type }) => type === 'deleted');
        expect(deletions(got)).toEqual(deletions(given));
        const versions = got.map(({ resourceVersion }) => Number(resourceVersion));
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(versions.at(-1)).toBe(
          given.length === 0 ? undefined : Number(given.at(-1)?.resourceVersion),
        );
        expect([queue.count, queue.byteLength]).toEqual([0, 0]);
      }),
      { seed: 42, numRuns: 500 },
    );
  });
});
