/**
 * The deltas of one feed that are not sent yet, in the order of their resourceVersions.
 *
 * While they wait, a newer `applied` or `deleted` replaces an older unsent `applied` of the same
 * object, and a newer checkpoint an older one. The newer one stands at the end, never at the older
 * one's place: a batch's last resourceVersion is where a feed would resume, so nothing may stand
 * before a delta that is older than itself. `deleted` is never replaced, nor is any delta of a
 * snapshot: what is missing from a snapshot is taken for gone.
 */
import type { DeltaRecord } from '@fairlead/protocol';

/** What one delta weighs at most beside its strings and object: type, time and five lengths. */
const recordOverheadBytes = 32;

/** A queue of one feed. */
export class DeltaQueue {
  readonly #records = new Map<string, DeltaRecord>();
  #bytes = 0;
  #sequence = 0;

  /** Deltas in it. */
  get count(): number {
    return this.#records.size;
  }

  /** Bytes in it, about as many as its batches will have. */
  get byteLength(): number {
    return this.#bytes;
  }

  /** Appends a delta; answers the one that it replaced, if any. */
  push(record: DeltaRecord): DeltaRecord | undefined {
    const replaceable = keyOfReplaceable(record);
    const replaced = replaceable === undefined ? undefined : this.#remove(replaceable);
    const isReplaceableItself = record.type === 'applied' || record.type === 'checkpoint';
    const key = isReplaceableItself && replaceable !== undefined ? replaceable : this.#nextKey();
    this.#records.set(key, record);
    this.#bytes += recordBytes(record);
    return replaced;
  }

  /** Takes deltas from the front: at least one, then as many as fit both bounds. */
  take(maxBytes: number, maxCount: number): DeltaRecord[] {
    const taken: DeltaRecord[] = [];
    let bytes = 0;
    for (const [key, record] of this.#records) {
      const size = recordBytes(record);
      if (taken.length > 0 && (bytes + size > maxBytes || taken.length >= maxCount)) break;
      taken.push(record);
      bytes += size;
      this.#remove(key);
    }
    return taken;
  }

  #remove(key: string): DeltaRecord | undefined {
    const record = this.#records.get(key);
    if (record === undefined) return undefined;
    this.#records.delete(key);
    this.#bytes -= recordBytes(record);
    return record;
  }

  #nextKey(): string {
    this.#sequence += 1;
    return `#${this.#sequence}`;
  }
}

/** About the bytes that a delta adds to a batch; never less. Names are ASCII in Kubernetes. */
export function recordBytes(record: DeltaRecord): number {
  const { resourceVersion, namespace, name, uid, object } = record;
  const strings = resourceVersion.length + namespace.length + name.length + uid.length;
  return recordOverheadBytes + strings + object.byteLength;
}

/** Key of the unsent delta that this one makes superfluous. */
function keyOfReplaceable({ type, namespace, name, uid }: DeltaRecord): string | undefined {
  if (type === 'checkpoint') return 'checkpoint';
  if (type !== 'applied' && type !== 'deleted') return undefined;
  return `object/${namespace}/${name}/${uid}`;
}
