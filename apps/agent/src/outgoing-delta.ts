/**
 * A delta of the watch engine on its way into a batch. Of an object no strings are made, nor is
 * anything copied before it is written: thousands of them pass in a second.
 */
import type { DeltaBatchEncoder, DeltaRecord, DeltaType } from '@fairlead/protocol';
import type { Delta } from '@fairlead/watch-engine';
import type { Urgency } from './byte-budget.ts';
import { recordFromDelta } from './delta-record.ts';

/** What one delta weighs at most beside its strings and object: type, time and five lengths. */
const overheadBytes = 32;
/** Pairs of places in `ObjectStretches`. */
const stretches = 5;

/** A delta that is to be sent. */
export interface OutgoingDelta {
  /** What it says. */
  readonly type: DeltaType;
  /** About the bytes that it adds to a batch; never less. */
  readonly bytes: number;
  /** Appends it to a batch. An object is read where it is now: it may have moved since. */
  writeTo(encoder: DeltaBatchEncoder): void;
  /** The same with strings, for whoever must look at them. */
  toRecord(): DeltaRecord;
}

type ObjectDelta = Extract<Delta, { readonly kind: 'initApplied' | 'applied' | 'deleted' }>;

/** Prepares a delta; the clock is asked where the delta itself carries no time. */
export function outgoingDelta(delta: Delta, clock: { nowMs(): number }): OutgoingDelta {
  return 'object' in delta
    ? new OutgoingObject(delta, clock)
    : outgoingRecord(recordFromDelta(delta, clock));
}

/** Prepares a delta that is a record already. */
export function outgoingRecord(record: DeltaRecord): OutgoingDelta {
  return {
    type: record.type,
    bytes: recordBytes(record),
    writeTo: (encoder) => encoder.add(record),
    toRecord: () => record,
  };
}

/** About the bytes that a delta adds to a batch; never less. Names are ASCII in Kubernetes. */
export function recordBytes(record: DeltaRecord): number {
  const { resourceVersion, namespace, name, uid, object } = record;
  const strings = resourceVersion.length + namespace.length + name.length + uid.length;
  return overheadBytes + strings + object.byteLength;
}

/** Whether a delta is part of a snapshot. */
export function isOfSnapshot({ type }: { readonly type: DeltaType }): boolean {
  return type !== 'applied' && type !== 'deleted' && type !== 'checkpoint';
}

/** A feed's status is not looked at: what counts is what waits. */
export function urgencyOf(delta: OutgoingDelta): Urgency {
  return isOfSnapshot(delta) ? 'bulk' : 'live';
}

class OutgoingObject implements OutgoingDelta {
  readonly type: DeltaType;
  readonly bytes: number;
  readonly #delta: ObjectDelta;
  readonly #clock: { nowMs(): number };

  constructor(delta: ObjectDelta, clock: { nowMs(): number }) {
    this.type = delta.kind;
    this.#delta = delta;
    this.#clock = clock;
    this.bytes = this.#weigh();
  }

  writeTo(encoder: DeltaBatchEncoder): void {
    const { object, readAtMs } = this.#delta;
    const where = object.stretches;
    if (where === undefined) encoder.add(this.toRecord());
    else encoder.addStretches(this.type, readAtMs, where);
  }

  toRecord(): DeltaRecord {
    return recordFromDelta(this.#delta, this.#clock);
  }

  #weigh(): number {
    const where = this.#delta.object.stretches;
    if (where === undefined) return recordBytes(this.toRecord());
    const { places, first } = where;
    let bytes = overheadBytes;
    for (let at = first; at < first + 2 * stretches; at += 2) {
      bytes += (places[at + 1] ?? 0) - (places[at] ?? 0);
    }
    return bytes;
  }
}
