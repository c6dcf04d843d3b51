/**
 * The deltas of one feed that are not sent yet, in the order of their resourceVersions.
 *
 * While the feed is held back, a newer `applied` or `deleted` replaces an older unsent `applied` of
 * the same object. The newer one stands at the end, never at the older one's place: a batch's last
 * resourceVersion is where a feed would resume, so nothing may stand before a delta that is older
 * than itself. `deleted` is never replaced, nor is any delta of a snapshot: what is missing from a
 * snapshot is taken for gone. Which objects wait is only written down once somebody asks.
 */
import type { DeltaRecord } from '@fairlead/protocol';

/** What one delta weighs at most beside its strings and object: type, time and five lengths. */
const recordOverheadBytes = 32;
/** So many sent places at the front are tolerated before the rest moves up. */
const maxSentPlaces = 1024;

/** A queue of one feed. */
export class DeltaQueue {
  /** Sent and replaced ones are `undefined`. */
  #records: (DeltaRecord | undefined)[] = [];
  /** Index of the first that is not sent. */
  #head = 0;
  /** Index in {@link #records} plus what moved up before: never the same twice. */
  #movedUp = 0;
  /** Place of the last unsent `applied` of each object; only while it is asked for. */
  #applied: Map<string, number> | undefined;
  #count = 0;
  #snapshotCount = 0;
  #bytes = 0;

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

  /** Appends a delta. */
  push(record: DeltaRecord): void {
    this.#note(record, this.#movedUp + this.#records.length);
    this.#records.push(record);
    this.#change(record, 1);
  }

  /** Takes out the unsent `applied` that this delta makes superfluous, if there is one. */
  takeOutdated(record: DeltaRecord): DeltaRecord | undefined {
    if (record.type !== 'applied' && record.type !== 'deleted') return undefined;
    this.#applied ??= this.#index();
    const place = this.#applied.get(keyOf(record));
    const older = place === undefined ? undefined : this.#records[place - this.#movedUp];
    if (place === undefined || older === undefined || !isSameObject(older, record)) {
      return undefined;
    }
    this.#applied.delete(keyOf(record));
    this.#records[place - this.#movedUp] = undefined;
    this.#change(older, -1);
    return older;
  }

  /** Deltas need not be replaced any more. */
  stopReplacing(): void {
    this.#applied = undefined;
  }

  /** Takes deltas from the front: at least one, then as many as fit both bounds. */
  take(maxBytes: number, maxCount: number): DeltaRecord[] {
    const taken: DeltaRecord[] = [];
    let bytes = 0;
    for (; this.#head < this.#records.length; this.#head += 1) {
      const record = this.#records[this.#head];
      if (record === undefined) continue;
      bytes += recordBytes(record);
      if (taken.length > 0 && (bytes > maxBytes || taken.length >= maxCount)) break;
      taken.push(record);
      this.#records[this.#head] = undefined;
      this.#forget(record, this.#movedUp + this.#head);
      this.#change(record, -1);
    }
    this.#moveUp();
    return taken;
  }

  #change(record: DeltaRecord, by: 1 | -1): void {
    this.#count += by;
    this.#bytes += by * recordBytes(record);
    if (isOfSnapshot(record)) this.#snapshotCount += by;
  }

  #note(record: DeltaRecord, place: number): void {
    if (this.#applied === undefined) return;
    // A deletion ends what may be replaced: order per object holds.
    if (record.type === 'applied') this.#applied.set(keyOf(record), place);
    else if (record.type === 'deleted') this.#applied.delete(keyOf(record));
  }

  #forget(record: DeltaRecord, place: number): void {
    if (record.type !== 'applied' || this.#applied?.get(keyOf(record)) !== place) return;
    this.#applied.delete(keyOf(record));
  }

  #index(): Map<string, number> {
    const applied = new Map<string, number>();
    this.#applied = applied;
    for (let index = this.#head; index < this.#records.length; index += 1) {
      const record = this.#records[index];
      if (record !== undefined) this.#note(record, this.#movedUp + index);
    }
    return applied;
  }

  #moveUp(): void {
    if (this.#count > 0 && this.#head < maxSentPlaces) return;
    this.#movedUp += this.#head;
    this.#records = this.#count === 0 ? [] : this.#records.slice(this.#head);
    this.#head = 0;
    if (this.#count === 0) this.#applied = undefined;
  }
}

/** Whether a delta is part of a snapshot. */
export function isOfSnapshot({ type }: DeltaRecord): boolean {
  return type !== 'applied' && type !== 'deleted' && type !== 'checkpoint';
}

/** About the bytes that a delta adds to a batch; never less. Names are ASCII in Kubernetes. */
export function recordBytes(record: DeltaRecord): number {
  const { resourceVersion, namespace, name, uid, object } = record;
  const strings = resourceVersion.length + namespace.length + name.length + uid.length;
  return recordOverheadBytes + strings + object.byteLength;
}

/** The uid alone is unique; objects of aggregated APIs may have none. */
function keyOf({ namespace, name, uid }: DeltaRecord): string {
  return uid === '' ? `${namespace}/${name}` : uid;
}

function isSameObject(a: DeltaRecord, b: DeltaRecord): boolean {
  return a.uid === b.uid && a.name === b.name && a.namespace === b.namespace;
}
