/**
 * The deltas of one feed that are not sent yet, in the order of their resourceVersions, written into
 * batches as they come.
 *
 * While the feed is held back, a newer `applied` or `deleted` replaces an older unsent `applied` of
 * the same object. The newer one stands at the end, never at the older one's place: a batch's last
 * resourceVersion is where a feed would resume, so nothing may stand before a delta that is older
 * than itself. `deleted` is never replaced, nor is any delta of a snapshot: what is missing from a
 * snapshot is taken for gone. Which objects wait is only written down once somebody asks.
 */
import type { BufferPool, DeltaRecord } from '@fairlead/protocol';
import { OpenBatch } from './open-batch.ts';
import { isOfSnapshot, recordBytes, type OutgoingDelta } from './outgoing-delta.ts';

/** What a queue works with. */
export interface DeltaQueueOptions {
  /** Where the memory of batches comes from. */
  readonly buffers: BufferPool;
  /** A batch of so many bytes takes no further delta; a single delta may be larger. */
  readonly maxBatchBytes: number;
  /** Nor one of so many deltas. */
  readonly maxBatchRecords: number;
}

/** Where the newest state of an object waits. */
interface Place {
  readonly batch: OpenBatch;
  index: number;
  readonly bytes: number;
  readonly namespace: string;
  readonly name: string;
}

/** A queue of one feed. */
export class DeltaQueue {
  readonly #options: DeltaQueueOptions;
  /** None of them is empty. */
  #batches: OpenBatch[] = [];
  /** The last unsent `applied` of each object; only while it is asked for. */
  #applied: Map<string, Place> | undefined;
  #count = 0;
  #snapshotCount = 0;
  #bytes = 0;

  constructor(options: DeltaQueueOptions) {
    this.#options = options;
  }

  /** Deltas in it. */
  get count(): number {
    return this.#count;
  }

  /** Those of them that belong to a snapshot, with its begin and end. */
  get snapshotCount(): number {
    return this.#snapshotCount;
  }

  /** Bytes in it, about as many as its batches will have. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** Whether a batch is full. */
  get hasFullBatch(): boolean {
    const { maxBatchBytes, maxBatchRecords } = this.#options;
    const [first, second] = this.#batches;
    if (first === undefined || second !== undefined) return first !== undefined;
    return first.byteLength >= maxBatchBytes || first.count >= maxBatchRecords;
  }

  /** Appends a delta; its object is copied. */
  push(delta: OutgoingDelta): void {
    const batch = this.#batchFor(delta.bytes);
    const index = batch.add(delta);
    if (this.#applied !== undefined) this.#note(delta.toRecord(), { batch, index });
    this.#count += 1;
    this.#bytes += delta.bytes;
    if (isOfSnapshot(delta)) this.#snapshotCount += 1;
  }

  /** Takes out the unsent `applied` that this delta makes superfluous; its bytes, 0 for none. */
  takeOutdated(delta: OutgoingDelta): number {
    if (delta.type !== 'applied' && delta.type !== 'deleted') return 0;
    this.#applied ??= this.#index();
    const record = delta.toRecord();
    const key = keyOf(record);
    const place = this.#applied.get(key);
    if (place === undefined || !isSameObject(place, record)) return 0;
    this.#applied.delete(key);
    this.#remove(place);
    return place.bytes;
  }

  /** Deltas need not be replaced any more. */
  stopReplacing(): void {
    this.#applied = undefined;
  }

  /** Takes the oldest batch out; `undefined` when there is nothing. */
  takeBatch(): OpenBatch | undefined {
    const batch = this.#batches.shift();
    if (batch === undefined) return undefined;
    this.#count -= batch.count;
    this.#bytes -= batch.byteLength;
    this.#snapshotCount -= batch.snapshotCount;
    if (this.#count === 0) this.#applied = undefined;
    else if (this.#applied !== undefined) this.#forget(batch);
    return batch;
  }

  /** Drops everything. */
  clear(): void {
    for (let batch = this.takeBatch(); batch !== undefined; batch = this.takeBatch()) batch.clear();
  }

  #batchFor(bytes: number): OpenBatch {
    const last = this.#batches.at(-1);
    if (last !== undefined && this.#hasRoom(last, bytes)) return last;
    const next = new OpenBatch(this.#options.buffers);
    this.#batches.push(next);
    return next;
  }

  #hasRoom(batch: OpenBatch, bytes: number): boolean {
    const { maxBatchBytes, maxBatchRecords } = this.#options;
    return batch.byteLength + bytes <= maxBatchBytes && batch.count < maxBatchRecords;
  }

  #remove({ batch, index, bytes }: Place): void {
    const moved = batch.replace(index, bytes);
    this.#count -= 1;
    this.#bytes -= bytes;
    if (batch.count === 0) this.#batches.splice(this.#batches.indexOf(batch), 1);
    else if (moved !== undefined) this.#move(batch, moved);
  }

  /** The batch was rewritten: its deltas have other numbers, each smaller than before. */
  #move(batch: OpenBatch, before: readonly number[]): void {
    const now = new Map(before.map((index, place) => [index, place]));
    for (const place of this.#applied?.values() ?? []) {
      if (place.batch === batch) place.index = now.get(place.index) ?? place.index;
    }
  }

  #note(record: DeltaRecord, at: Pick<Place, 'batch' | 'index'>): void {
    const { namespace, name } = record;
    // A deletion ends what may be replaced: order per object holds.
    if (record.type === 'deleted') this.#applied?.delete(keyOf(record));
    if (record.type !== 'applied') return;
    const place = { ...at, bytes: recordBytes(record), namespace, name };
    this.#applied?.set(keyOf(record), place);
  }

  #forget(batch: OpenBatch): void {
    for (const [key, place] of this.#applied ?? []) {
      if (place.batch === batch) this.#applied?.delete(key);
    }
  }

  #index(): Map<string, Place> {
    const applied = new Map<string, Place>();
    this.#applied = applied;
    for (const batch of this.#batches) {
      for (const { index, record } of batch.deltas()) this.#note(record, { batch, index });
    }
    return applied;
  }
}

/** The uid alone is unique; objects of aggregated APIs may have none. */
function keyOf({ namespace, name, uid }: DeltaRecord): string {
  return uid === '' ? `${namespace}/${name}` : uid;
}

/** Its key is the same; so may be that of another object whose server gave a uid twice. */
function isSameObject(place: Place, { namespace, name }: DeltaRecord): boolean {
  return place.name === name && place.namespace === namespace;
}
