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
import { batchLimits, type BatchLimits } from './limits.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
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
 */
export type DeltaType =
  'init' | 'initApplied' | 'initDone' | 'applied' | 'deleted' | 'checkpoint' | 'initDoneUnswept';

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
];

const byteOfType = Object.fromEntries(deltaTypes.map((type, byte) => [type, byte])) as Record<
  DeltaType,
  number
>;

/** Collects deltas into batches, one after the other, in one buffer that it keeps. */
export class DeltaBatchEncoder {
  readonly #deltas = new ByteWriter();
  #count = 0;
  #previousReadAtMs = 0;

  constructor() {
    this.#deltas.skip(headBytes);
  }

  /** Size of the batch so far, in bytes before compression (exact to a few bytes). */
  get byteLength(): number {
    return this.#deltas.length - headBytes;
  }

  /** Deltas in the batch so far. */
  get count(): number {
    return this.#count;
  }

  /** Appends a delta. Bounds are the caller's to keep: the receiver refuses what breaks them. */
  add(record: DeltaRecord): void {
    this.#deltas.byte(byteOfType[record.type]);
    this.#deltas.zigzag(record.readAtMs - this.#previousReadAtMs);
    this.#deltas.string(record.resourceVersion);
    this.#deltas.string(record.namespace);
    this.#deltas.string(record.name);
    this.#deltas.string(record.uid);
    this.#deltas.bytes(record.object);
    this.#previousReadAtMs = record.readAtMs;
    this.#count += 1;
  }

  /** The batch, in memory of its own; the encoder is empty afterwards. */
  finish(): Uint8Array {
    return this.drain((batch) => new Uint8Array(batch));
  }

  /** Calls `use` with a view of the batch, good until it returns; the encoder is empty afterwards. */
  drain<T>(use: (batch: Uint8Array) => T): T {
    const head = new ByteWriter(headBytes);
    head.byte(framing);
    head.varint(this.#count);
    this.#count = 0;
    this.#previousReadAtMs = 0;
    try {
      return this.#deltas.drain((written) => {
        // The head is known last and stands first: it is put right before the deltas.
        const from = headBytes - head.length;
        head.drain((bytes) => written.set(bytes, from));
        return use(written.subarray(from));
      });
    } finally {
      this.#deltas.skip(headBytes);
    }
  }
}

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
