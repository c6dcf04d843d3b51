import { DeltaBatchEncoder, type DeltaRecord, type TravellingBatch } from '@fairlead/protocol';
import { PendingAhead } from './ahead-object.ts';
import { WorkQueue } from './work-queue.ts';

const mark = (resourceVersion: string): DeltaRecord => ({
  type: 'checkpoint',
  readAtMs: 1,
  resourceVersion,
  namespace: '',
  name: '',
  uid: '',
  object: new Uint8Array(),
});

/** A batch of one delta whose resourceVersion is its name; a heavy one says that it is larger. */
function aBatch(name: string, feedId: number, size: 'light' | 'heavy' = 'heavy'): TravellingBatch {
  const encoder = new DeltaBatchEncoder();
  encoder.add(size === 'light' ? mark(name) : { ...mark(name), object: new Uint8Array(64 * 1024) });
  const payload = encoder.finish();
  const uncompressedBytes = payload.byteLength;
  return { feedId, batchSeq: 1, codec: 'none', uncompressedBytes, payload };
}

/** What is handed out from now on, `|` where a unit begins. */
function handedOut(queue: WorkQueue, unitSize: number): string {
  const names: string[] = [];
  let room = 0;
  while (!queue.isEmpty) {
    if (room === 0) {
      queue.beginUnit();
      if (names.length > 0) names.push('|');
      room = unitSize;
    }
    const work = queue.next();
    if (work.kind === 'delta') names.push(work.record.resourceVersion);
    if (work.kind === 'batchEnd' || work.kind === 'checkpointsEnd') room -= 1;
    if (work.kind === 'retirement') names.push('retired');
  }
  return names.join(' ');
}

function aQueue(...batches: readonly TravellingBatch[]): WorkQueue {
  const queue = new WorkQueue();
  for (const [at, batch] of batches.entries()) queue.addBatch(batch, `lane-${batch.feedId}`, at);
  return queue;
}

const retired = { account: 'a', epoch: 1, group: '', version: 'v1', resource: 'pods' };

describe(WorkQueue, () => {
  it('stays with a feed as long as the unit has room', () => {
    const queue = aQueue(aBatch('a1', 1), aBatch('b1', 2), aBatch('a2', 1), aBatch('b2', 2));
    expect(handedOut(queue, 10)).toBe('a1 a2 b1 b2');
  });

  it('gives the feed that waits longest its turn in the next unit', () => {
    const queue = aQueue(
      ...[aBatch('a1', 1), aBatch('b1', 2), aBatch('a2', 1), aBatch('a3', 1), aBatch('b2', 2)],
    );
    expect(handedOut(queue, 2)).toBe('a1 a2 | b1 b2 | a3');
  });

  it('lets a light batch overtake the heavy ones of other feeds, in every second unit', () => {
    const queue = aQueue(
      ...[aBatch('a1', 1), aBatch('a2', 1), aBatch('b1', 2, 'light'), aBatch('b2', 2, 'light')],
    );
    expect(handedOut(queue, 1)).toBe('b1 | a1 | b2 | a2');
  });

  it('lets no batch overtake one of its own feed', () => {
    const queue = aQueue(aBatch('a1', 1), aBatch('a2', 1, 'light'), aBatch('b1', 2, 'light'));
    expect(handedOut(queue, 1)).toBe('b1 | a1 | a2');
  });

  it('lets nothing overtake what speaks of feeds as they are', () => {
    const queue = aQueue(aBatch('a1', 1), aBatch('b1', 2));
    queue.addCheckpoints({ marks: [{ feedId: 1, record: mark('a2') }], bytes: 1 }, 3);
    queue.addBatch(aBatch('a3', 1), 'lane-1', 4);
    queue.addRetirement({ ...retired, kind: 'Pod', namespace: '' }, 5);
    queue.addBatch(aBatch('a4', 1, 'light'), 'lane-1', 6);
    expect(handedOut(queue, 10)).toBe('a1 b1 a2 a3 retired a4');
  });

  it('goes on with the batch that a unit ended in', () => {
    const encoder = new DeltaBatchEncoder();
    for (const name of ['a1', 'a2', 'a3']) encoder.add(mark(name));
    const payload = encoder.finish();
    const batch = { ...aBatch('', 1), payload, uncompressedBytes: payload.byteLength };
    const queue = aQueue(batch, aBatch('b1', 2, 'light'));
    queue.beginUnit();
    queue.next();
    queue.beginUnit();
    const names = [queue.next(), queue.next(), queue.next(), queue.next()].map((work) =>
      work.kind === 'delta' ? work.record.resourceVersion : work.kind,
    );
    expect(names).toEqual(['a2', 'a3', 'batchEnd', 'b1']);
  });

  it('does not stay with a feed whose batch each unit ends in, as long as others wait', () => {
    const encoder = new DeltaBatchEncoder();
    for (const name of ['a', 'a'])
      encoder.add({ ...mark(name), object: new Uint8Array(64 * 1024) });
    const payload = encoder.finish();
    const busy = { ...aBatch('', 1), payload, uncompressedBytes: payload.byteLength };
    const queue = aQueue(busy, busy, aBatch('b', 2, 'light'), busy, busy, busy);
    const takeThree = (): string => {
      queue.beginUnit();
      let names = '';
      while (names.length < 3) {
        const work = queue.next();
        if (work.kind === 'delta') names += work.record.resourceVersion;
      }
      return names;
    };
    // The first unit begins with a light one; the others each with the rest of a batch.
    queue.addBatch(aBatch('c', 3, 'light'), 'lane-3', 9);
    expect([takeThree(), takeThree(), takeThree()].join(' ')).toBe('baa aaa aca');
  });

  describe('with a lane closed', () => {
    /** What is handed out of the lanes that are open. */
    const others = (queue: WorkQueue, ...closed: readonly string[]): string => {
      const names: string[] = [];
      const lanes = new Set(closed);
      while (queue.hasNext(lanes)) {
        const work = queue.next(lanes);
        if (work.kind === 'delta') names.push(work.record.resourceVersion);
      }
      return names.join(' ');
    };

    it('hands out the batches of other lanes, and those of this one in order later', () => {
      const queue = aQueue(aBatch('a1', 1), aBatch('b1', 2), aBatch('a2', 1), aBatch('c1', 3));
      queue.beginUnit();
      expect(others(queue, 'lane-1')).toBe('b1 c1');
      expect(others(queue)).toBe('a1 a2');
    });

    it('stays with a lane that is open', () => {
      const queue = aQueue(aBatch('b1', 2), aBatch('c1', 3), aBatch('b2', 2));
      queue.beginUnit();
      queue.beginUnit();
      expect(others(queue, 'lane-1')).toBe('b1 b2 c1');
    });

    it('goes on with a light batch when the lane that it was with is closed', () => {
      const queue = aQueue(aBatch('a1', 1), aBatch('b1', 2), aBatch('c1', 3, 'light'));
      queue.beginUnit();
      queue.beginUnit();
      queue.next();
      expect(queue.next().kind).toBe('batchEnd');
      expect(others(queue, 'lane-1')).toBe('c1 b1');
    });

    it('hands out nothing behind what speaks of feeds as they are', () => {
      const queue = aQueue(aBatch('a1', 1), aBatch('b1', 2));
      queue.addRetirement({ ...retired, kind: 'Pod', namespace: '' }, 2);
      queue.addBatch(aBatch('b2', 2), 'lane-2', 3);
      queue.beginUnit();
      expect(others(queue, 'lane-1')).toBe('b1');
      expect(queue.hasNext(new Set())).toBe(true);
    });

    it('hands out nothing while something was found beside a feed', () => {
      const queue = aQueue(aBatch('b1', 2));
      const names = { ...retired, namespace: 'a', name: 'b', uid: '' };
      queue.addAhead(new PendingAhead({ ...names, resourceVersion: '1', object: undefined }), 1);
      expect(queue.hasNext(new Set(['lane-1']))).toBe(false);
      expect(queue.next().kind).toBe('ahead');
      expect(queue.hasNext(new Set(['lane-1']))).toBe(true);
    });

    it('hands out the end of a batch of that lane, but no delta', () => {
      const queue = aQueue(aBatch('a1', 1), aBatch('b1', 2));
      queue.beginUnit();
      queue.next();
      const lanes = new Set(['lane-1']);
      expect(queue.hasNext(lanes)).toBe(true);
      expect(queue.next(lanes)).toMatchObject({ kind: 'batchEnd', lane: 'lane-1' });
      const encoder = new DeltaBatchEncoder();
      for (const name of ['a2', 'a3']) encoder.add(mark(name));
      const payload = encoder.finish();
      const two = { ...aBatch('', 1), payload, uncompressedBytes: payload.byteLength };
      const open = aQueue(two, aBatch('b1', 2));
      open.beginUnit();
      open.beginUnit();
      open.next();
      expect(open.hasNext(lanes)).toBe(false);
    });
  });
});
