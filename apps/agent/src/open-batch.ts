/**
 * A batch while it is filled: deltas are written as they will travel, so that nothing of them is kept
 * as JavaScript objects. What a newer delta replaces is only marked; when that is most of it, or when
 * the batch goes out, the rest is written anew.
 */
import {
  decodeDeltaBatch,
  DeltaBatchEncoder,
  packBatch,
  type BatchCompressor,
  type BufferPool,
  type DeltaRecord,
  type PackedBatch,
} from '@fairlead/protocol';
import { isOfSnapshot, type OutgoingDelta } from './outgoing-delta.ts';

/** A delta and where it stands in its batch. */
export interface PlacedDelta {
  /** Its number among the batch's deltas; valid until the batch is rewritten. */
  readonly index: number;
  readonly record: DeltaRecord;
}

/** The deltas that will travel together. */
export class OpenBatch {
  readonly #buffers: BufferPool;
  #encoder: DeltaBatchEncoder;
  #replaced: Set<number> | undefined;
  #replacedBytes = 0;
  #byteLength = 0;
  #snapshotCount = 0;

  constructor(buffers: BufferPool) {
    this.#buffers = buffers;
    this.#encoder = new DeltaBatchEncoder(buffers);
  }

  /** Deltas in it, without those that were replaced. */
  get count(): number {
    return this.#encoder.count - (this.#replaced?.size ?? 0);
  }

  /** Those of them that belong to a snapshot. */
  get snapshotCount(): number {
    return this.#snapshotCount;
  }

  /** What they weigh, in bytes: see {@link OutgoingDelta.bytes}. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Appends a delta, whose object is copied; its number. */
  add(delta: OutgoingDelta): number {
    delta.writeTo(this.#encoder);
    this.#byteLength += delta.bytes;
    if (isOfSnapshot(delta)) this.#snapshotCount += 1;
    return this.#encoder.count - 1;
  }

  /** The deltas in it. Their objects are views, good until it is changed. */
  deltas(): PlacedDelta[] {
    if (this.#encoder.count === 0) return [];
    return decodeDeltaBatch(this.#encoder.batch())
      .map((record, index) => ({ index, record }))
      .filter(({ index }) => this.#replaced?.has(index) !== true);
  }

  /**
   * Takes a delta of so many bytes out.
   *
   * @returns the numbers that the others had before, in order, when it was rewritten for it
   */
  replace(index: number, bytes: number): readonly number[] | undefined {
    (this.#replaced ??= new Set()).add(index);
    this.#byteLength -= bytes;
    this.#replacedBytes += bytes;
    return this.#replacedBytes > this.#byteLength ? this.#rewrite() : undefined;
  }

  /** The payload. The batch is not to be used any more; its memory is given back when that is made. */
  pack(compress: BatchCompressor['compress']): PackedBatch {
    if (this.#replaced !== undefined) this.#rewrite();
    return packBatch(this.#encoder, compress);
  }

  /** Drops everything in it. */
  clear(): void {
    this.#encoder.clear();
  }

  #rewrite(): readonly number[] {
    const rest = this.deltas();
    const rewritten = new DeltaBatchEncoder(this.#buffers);
    for (const { record } of rest) rewritten.add(record);
    this.#encoder.clear();
    this.#encoder = rewritten;
    this.#replaced = undefined;
    this.#replacedBytes = 0;
    return rest.map(({ index }) => index);
  }
}
