import {
  BufferPool,
  decodeDeltaBatch,
  type CompressedBatch,
  type DeltaRecord,
  type DeltaType,
} from '@fairlead/protocol';
import fc from 'fast-check';
import { DeltaQueue } from './delta-queue.ts';
import { outgoingRecord, recordBytes } from './outgoing-delta.ts';

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

interface Bounds {
  readonly maxBatchBytes?: number;
  readonly maxBatchRecords?: number;
}

function aQueue({ maxBatchBytes = Infinity, maxBatchRecords = Infinity }: Bounds = {}): DeltaQueue {
  return new DeltaQueue({ buffers: new BufferPool(), maxBatchBytes, maxBatchRecords });
}

/** As a feed does that is held back; the bytes that were taken out. */
function put(queue: DeltaQueue, one: DeltaRecord): number {
  const outdated = queue.takeOutdated(outgoingRecord(one));
  queue.push(outgoingRecord(one));
  return outdated;
}

/** The deltas of the next batch, as they will travel. */
function next(queue: DeltaQueue): DeltaRecord[] {
  const packed = queue.takeBatch()?.pack((payload) => ({ codec: 'none', payload }));
  return packed === undefined ? [] : decodeDeltaBatch((packed.content as CompressedBatch).payload);
}

/** The deltas of all batches. */
function rest(queue: DeltaQueue): DeltaRecord[] {
  return queue.count === 0 ? [] : [...next(queue), ...rest(queue)];
}

const all = (queue: DeltaQueue): string[] => shown(rest(queue));

describe(DeltaQueue, () => {
  it('replaces an unsent change by a newer one of the same object, at the end', () => {
    const queue = aQueue();

    put(queue, record('applied', 'a', 1));
    put(queue, record('applied', 'b', 2));
    const replaced = put(queue, record('applied', 'a', 3));

    expect(replaced).toBe(recordBytes(record('applied', 'a', 1)));
    expect(all(queue)).toEqual(['applied b@2', 'applied a@3']);
  });

  it('keeps a deletion when the name is used again', () => {
    const queue = aQueue();

    put(queue, record('applied', 'a', 1));
    put(queue, record('deleted', 'a', 2));
    put(queue, record('applied', 'a', 3, { uid: 'another' }));
    put(queue, record('applied', 'a', 4, { uid: 'another' }));

    expect(all(queue)).toEqual(['deleted a@2', 'applied a@4']);
  });

  it('keeps a deletion also where objects have no uid', () => {
    const queue = aQueue();

    put(queue, record('deleted', 'a', 1, { uid: '' }));
    put(queue, record('applied', 'a', 2, { uid: '' }));

    expect(all(queue)).toEqual(['deleted a@1', 'applied a@2']);
  });

  it('keeps the last word of an object whose name another one took', () => {
    const queue = aQueue();

    put(queue, record('applied', 'a', 1));
    put(queue, record('applied', 'a', 2, { uid: 'another' }));

    expect(all(queue)).toEqual(['applied a@1', 'applied a@2']);
  });

  it('replaces nothing while nobody asks, and finds what waits as soon as somebody does', () => {
    const queue = aQueue();

    queue.push(outgoingRecord(record('applied', 'a', 1)));
    queue.push(outgoingRecord(record('applied', 'a', 2)));
    queue.push(outgoingRecord(record('applied', 'b', 3)));
    expect(queue.count).toBe(3);
    put(queue, record('applied', 'a', 4));
    queue.stopReplacing();
    queue.push(outgoingRecord(record('applied', 'b', 5)));
    put(queue, record('deleted', 'b', 6));

    expect(all(queue)).toEqual(['applied a@1', 'applied b@3', 'applied a@4', 'deleted b@6']);
  });

  it('does not take one object for another that has the same uid', () => {
    const queue = aQueue();

    put(queue, record('applied', 'a', 1, { uid: 'same' }));
    put(queue, record('applied', 'b', 2, { uid: 'same' }));

    expect(all(queue)).toEqual(['applied a@1', 'applied b@2']);
  });

  it('says how much of it belongs to a snapshot', () => {
    const queue = aQueue({ maxBatchRecords: 2 });
    for (const type of ['init', 'initApplied', 'initDoneUnswept', 'applied'] as const) {
      queue.push(outgoingRecord(record(type, 'a', 1)));
    }

    expect(queue.snapshotCount).toBe(3);
    next(queue);
    expect(queue.snapshotCount).toBe(1);
    next(queue);
    expect(queue.snapshotCount).toBe(0);
  });

  it('never takes anything out of a snapshot', () => {
    const queue = aQueue();
    const given = [
      record('init'),
      record('initApplied', 'a', 1),
      record('initApplied', 'a', 2),
      record('initDone', '', 2),
      record('applied', 'a', 3),
    ];

    for (const one of given) put(queue, one);

    expect(all(queue)).toEqual(shown(given));
  });

  it('puts at least one delta into a batch, however large, and else keeps both bounds', () => {
    const one = record('applied', 'o0', 2);
    const queue = aQueue({ maxBatchBytes: 2 * recordBytes(one), maxBatchRecords: 10 });
    queue.push(outgoingRecord(record('applied', 'huge', 1, { object: new Uint8Array(5000) })));
    for (let index = 0; index < 5; index += 1)
      queue.push(outgoingRecord(record('applied', `o${index}`, 2)));

    expect(shown(next(queue))).toEqual(['applied huge@1']);
    expect([next(queue), next(queue), next(queue)].map(({ length }) => length)).toEqual([2, 2, 1]);
    const short = aQueue({ maxBatchRecords: 2 });
    for (let index = 0; index < 3; index += 1) short.push(outgoingRecord(one));
    expect(next(short)).toHaveLength(2);
    expect(short.count).toBe(1);
  });

  it('knows whether a batch is full', () => {
    const one = record('applied', 'a', 1);
    const byCount = aQueue({ maxBatchRecords: 2 });
    const byBytes = aQueue({ maxBatchBytes: recordBytes(one) + 1 });
    expect([byCount.hasFullBatch, byBytes.hasFullBatch]).toEqual([false, false]);

    for (const queue of [byCount, byBytes]) queue.push(outgoingRecord(one));
    expect([byCount.hasFullBatch, byBytes.hasFullBatch]).toEqual([false, false]);

    for (const queue of [byCount, byBytes]) queue.push(outgoingRecord(one));
    expect([byCount.hasFullBatch, byBytes.hasFullBatch]).toEqual([true, true]);
  });

  it('does not grow while one object changes again and again', () => {
    const buffers = new BufferPool();
    const taken = jest.spyOn(buffers, 'take');
    const queue = new DeltaQueue({ buffers, maxBatchBytes: Infinity, maxBatchRecords: Infinity });
    queue.push(outgoingRecord(record('applied', 'other', 1)));
    for (let version = 2; version < 5000; version += 1) put(queue, record('applied', 'a', version));

    expect(Math.max(...taken.mock.calls.map(([bytes]) => bytes))).toBeLessThan(8192);
    expect(all(queue)).toEqual(['applied other@1', 'applied a@4999']);
  });

  it('drops everything', () => {
    const buffers = new BufferPool();
    const queue = new DeltaQueue({ buffers, maxBatchBytes: 100, maxBatchRecords: 1 });
    for (const name of ['a', 'b', 'c']) queue.push(outgoingRecord(record('applied', name, 1)));

    queue.clear();

    expect([queue.count, queue.byteLength, queue.snapshotCount]).toEqual([0, 0, 0]);
    expect(buffers.idleBytes).toBe(3 * 4096);
  });
});

/** What a cluster does to one object, as a feed sees it. */
const changes = fc.array(
  fc.record({
    name: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('applied', 'deleted'),
    takes: fc.boolean(),
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
      fc.property(changes, fc.integer({ min: 1, max: 5 }), (steps, maxBatchRecords) => {
        const queue = aQueue({ maxBatchRecords });
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
            queue.push(outgoingRecord(one));
          }
          got.push(...(takes ? next(queue) : []));
        }
        got.push(...rest(queue));

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
