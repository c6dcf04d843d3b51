/**
 * The framing of a batch: one feed's deltas in order, as bytes.
 *
 *   batch  = framing(1 byte, 0x01) count(varint) delta*
 *   delta  = type(1 byte) readAt(zigzag varint: ms since the delta before, the first since 1970)
 *            resourceVersion namespace name uid (each: length varint, UTF-8)
 *            object (length varint, the object's JSON as the API server sent it, scrubbed)
 *
 * Not protobuf, since the object must stay a view and a list of some hundred small messages costs
 * an allocation for each of its fields.
 */
import { BufferPool } from './buffer-pool.ts';
import { batchLimits, type BatchLimits } from './limits.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter, varintOf } from './byte-writer.ts';
import { ProtocolError } from './protocol-error.ts';

/**
 * What a delta says.
 * - `init`: a snapshot begins; `initApplied`: an object of it; `initDone`: it is complete at
 *   `resourceVersion`, what was not in it is gone. An `initApplied` without an object (0 bytes)
 *   says of an object that could not be read that it is there: its row stays as it is.
 * - `initDoneUnswept`: the snapshot has ended at `resourceVersion`, but something in it could not be
 *   read, not even its name. What was in it holds; what was not in it is not taken for gone.
 * - `applied`, `deleted`: one change. Outside a snapshot changes come in the order of their
 *   resourceVersions: the last one committed is where the feed goes on after a crash.
 * - `checkpoint`: no object, only the resourceVersion moved (a bookmark).
 * - `initOver`: as `init`, over rows that are stored: asks for a KnownObjects. `keptObjects`: before
 *   the end of that snapshot, the objects of that KnownObjects that are there in the same version;
 *   its object is one bit for each, see `VersionSet.met`.
 */
export type DeltaType =
  | 'init'
  | 'initApplied'
  | 'initDone'
  | 'applied'
  | 'deleted'
  | 'checkpoint'
  | 'initDoneUnswept'
  | 'initOver'
  | 'keptObjects';

/** One delta. Fields that its type does not have are empty. */
export interface DeltaRecord {
  /** What it says. */
  readonly type: DeltaType;
  /** When the agent had read it, ms since 1970 by the agent's clock; a whole number. */
  readonly readAtMs: number;
  /** Of the object, or of the feed for the end of a snapshot and `checkpoint`. */
  readonly resourceVersion: string;
  /** Of the object; empty for cluster-scoped ones. */
  readonly namespace: string;
  /** Of the object. */
  readonly name: string;
  /** Of the object. */
  readonly uid: string;
  /** The object's JSON. */
  readonly object: Uint8Array;
}

/** Strings and object of a delta as stretches of one buffer, ASCII or UTF-8. */
export interface DeltaStretches {
  /** The buffer. */
  readonly source: Buffer;
  /**
   * Pairs of start and end, from {@link first} on: of resourceVersion, namespace, name, uid and object;
   * -1 and -1 for an empty one.
   */
  readonly places: Int32Array;
  /** Index in {@link places}. */
  readonly first: number;
}

/** First byte of every batch of this framing. */
const framing = 0x01;

/** A type's byte on the wire is its place here; append only. */
const deltaTypes: readonly DeltaType[] = [
  'init',
  'initApplied',
  'initDone',
  'applied',
  'deleted',
  'checkpoint',
  'initDoneUnswept',
  'initOver',
  'keptObjects',
];

const byteOfType = Object.fromEntries(deltaTypes.map((type, byte) => [type, byte])) as Record<
  DeltaType,
  number
>;

/** Collects deltas into a batch, in a buffer that it has only while there are any. */
export class DeltaBatchEncoder {
  readonly #deltas: ByteWriter;
  #count = 0;
  #previousReadAtMs = 0;

  /** `buffers`: where its buffers come from; several encoders may share them. */
  constructor(buffers: BufferPool = new BufferPool()) {
    this.#deltas = new ByteWriter(buffers);
  }

  /** Size of the batch so far, in bytes before compression (exact to a few bytes). */
  get byteLength(): number {
    return Math.max(0, this.#deltas.length - headBytes);
  }

  /** Deltas in the batch so far. */
  get count(): number {
    return this.#count;
  }

  /** Appends a delta. Bounds are the caller's to keep: the receiver refuses what breaks them. */
  add(record: DeltaRecord): void {
    const deltas = this.#deltas;
    this.#begin(record.type, record.readAtMs);
    deltas.string(record.resourceVersion);
    deltas.string(record.namespace);
    deltas.string(record.name);
    deltas.string(record.uid);
    deltas.bytes(record.object);
  }

  /** As `add`, of strings and an object that are bytes already. */
  addStretches(type: DeltaType, readAtMs: number, { source, places, first }: DeltaStretches): void {
    this.#begin(type, readAtMs);
    for (let at = first; at < first + stretchPlaces; at += 2) {
      const start = places[at] ?? -1;
      if (start < 0) this.#deltas.byte(0);
      else this.#deltas.stretch(source, start, places[at + 1] ?? start);
    }
  }

  #begin(type: DeltaType, readAtMs: number): void {
    const deltas = this.#deltas;
    if (deltas.length === 0) deltas.skip(headBytes);
    deltas.byte(byteOfType[type]);
    deltas.zigzag(readAtMs - this.#previousReadAtMs);
    this.#previousReadAtMs = readAtMs;
    this.#count += 1;
  }

  /** The batch so far: a view, good until the next delta or until it is cleared. */
  batch(): Uint8Array {
    if (this.#deltas.length === 0) this.#deltas.skip(headBytes);
    // The head is known last and stands first: it is put right before the deltas.
    const head = [framing, ...varintOf(this.#count)];
    const written = this.#deltas.written();
    written.set(head, headBytes - head.length);
    return written.subarray(headBytes - head.length);
  }

  /** Empties it; its buffer is used for something else. */
  clear(): void {
    this.#deltas.clear();
    this.#count = 0;
    this.#previousReadAtMs = 0;
  }

  /** The batch, in memory of its own; the encoder is empty afterwards. */
  finish(): Uint8Array {
    const batch = new Uint8Array(this.batch());
    this.clear();
    return batch;
  }
}

/** Of {@link DeltaStretches}: four strings and an object. */
const stretchPlaces = 10;
/** Framing byte and the longest count. */
const headBytes = 9;

/**
 * The deltas of a batch. Their `object` is a view into `bytes`.
 *
 * @throws {@link ProtocolError} for bytes that are not exactly one batch within `limits`.
 */
export function decodeDeltaBatch(
  bytes: Uint8Array,
  limits: BatchLimits = batchLimits,
): DeltaRecord[] {
  if (bytes.byteLength > limits.maxBatchBytes) {
    throw new ProtocolError('tooLarge', `a batch has ${bytes.byteLength} bytes`);
  }
  const reader = new ByteReader(bytes);
  if (reader.byte() !== framing) throw new ProtocolError('unknownFraming', 'not a known framing');
  const count = reader.varint();
  if (count < 1 || count > limits.maxRecords) {
    throw new ProtocolError('tooMany', `a batch of ${count} deltas`);
  }
  const records: DeltaRecord[] = [];
  let readAtMs = 0;
  for (let index = 0; index < count; index += 1) {
    const record = decodeDelta(reader, { limits, previousReadAtMs: readAtMs });
    readAtMs = record.readAtMs;
    records.push(record);
  }
  if (reader.remaining > 0) {
    throw new ProtocolError('trailingBytes', `${reader.remaining} bytes after the last delta`);
  }
  return records;
}

function decodeDelta(
  reader: ByteReader,
  context: { limits: BatchLimits; previousReadAtMs: number },
): DeltaRecord {
  const { maxStringBytes, maxObjectBytes } = context.limits;
  const byte = reader.byte();
  const type = deltaTypes[byte];
  if (type === undefined) throw new ProtocolError('unknownDeltaType', `a delta of type ${byte}`);
  const readAtMs = context.previousReadAtMs + reader.zigzag();
  if (!Number.isSafeInteger(readAtMs)) {
    throw new ProtocolError('badVarint', 'a time is longer than 53 bits');
  }
  return {
    type,
    readAtMs,
    resourceVersion: reader.string(maxStringBytes),
    namespace: reader.string(maxStringBytes),
    name: reader.string(maxStringBytes),
    uid: reader.string(maxStringBytes),
    object: reader.bytes(maxObjectBytes),
  };
}
