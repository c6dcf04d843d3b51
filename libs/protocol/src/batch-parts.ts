/**
 * Batches in pieces: no message grows past what gRPC and the proxies between take, and one feed's
 * large object lets the pieces of other feeds through.
 */
import type { BatchCompressor } from './batch-compressor.ts';
import {
  codecFromWire,
  codecToWire,
  decompressBatch,
  type CodecName,
  type CompressedBatch,
} from './compression.ts';
import type { DeltaBatchEncoder } from './delta-batch.ts';
import { type BatchPart } from './gen/fairlead/v1/feed.ts';
import { batchLimits, maxPartBytes } from './limits.ts';
import { ProtocolError } from './protocol-error.ts';

/** A whole batch as it travels. */
export interface TravellingBatch {
  /** Number of its feed on the link. */
  readonly feedId: number;
  /** Number of the batch in its feed, from 1. */
  readonly batchSeq: number;
  /** How `payload` is compressed. */
  readonly codec: CodecName;
  /** Size before compression. */
  readonly uncompressedBytes: number;
  /** The compressed bytes. */
  readonly payload: Uint8Array;
}

/** A batch on its way into a payload. */
export interface PackedBatch {
  /** Size before compression. */
  readonly uncompressedBytes: number;
  /** The payload of its own, perhaps later. */
  readonly content: CompressedBatch | Promise<CompressedBatch>;
}

/**
 * Empties the encoder into a payload. The deltas' bytes are compressed where the encoder has them;
 * they are copied only when they stay as they are. The encoder must not be used before that is done.
 */
export function packBatch(
  encoder: DeltaBatchEncoder,
  compress: BatchCompressor['compress'],
): PackedBatch {
  const bytes = encoder.batch();
  const own = ({ codec, payload }: CompressedBatch): CompressedBatch => {
    const content = { codec, payload: payload === bytes ? new Uint8Array(bytes) : payload };
    encoder.clear();
    return content;
  };
  const compressed = compress(bytes);
  const content = compressed instanceof Promise ? compressed.then(own) : own(compressed);
  return { uncompressedBytes: bytes.byteLength, content };
}

interface OpenBatch {
  readonly first: BatchPart;
  readonly pieces: Uint8Array[];
  bytes: number;
}

/** `payload` in views of at most `maxBytes` bytes, at least one of them. */
export function splitIntoParts(payload: Uint8Array, maxBytes: number = maxPartBytes): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let from = 0; from === 0 || from < payload.byteLength; from += maxBytes) {
    parts.push(payload.subarray(from, from + maxBytes));
  }
  return parts;
}

/** The messages that carry `batch`, in order. */
export function batchToParts(batch: TravellingBatch, maxBytes: number = maxPartBytes): BatchPart[] {
  const payloads = splitIntoParts(batch.payload, maxBytes);
  return payloads.map((payload, part) => ({
    feedId: batch.feedId,
    batchSeq: batch.batchSeq,
    part,
    last: part === payloads.length - 1,
    codec: codecToWire(batch.codec),
    uncompressedBytes: batch.uncompressedBytes,
    payload,
  }));
}

/** The deltas' bytes of a whole batch, of exactly the announced size; throws {@link ProtocolError}. */
export function unpackBatch(batch: TravellingBatch): Uint8Array {
  const bytes = decompressBatch(batch.payload, batch.codec, { maxBytes: batch.uncompressedBytes });
  if (bytes.byteLength !== batch.uncompressedBytes) {
    const found = `${bytes.byteLength} bytes, ${batch.uncompressedBytes} were announced`;
    throw new ProtocolError('sizeMismatch', `a batch has ${found}`);
  }
  return bytes;
}

/**
 * Puts the pieces of one link's batches together. What it holds is bounded by what was announced
 * with each first piece, which the caller charges against the account's credits.
 */
export class PartAssembler {
  readonly #maxBatchBytes: number;
  readonly #open = new Map<number, OpenBatch>();
  readonly #lastSeq = new Map<number, number>();
  #openBytes = 0;

  constructor(options: { readonly maxBatchBytes?: number } = {}) {
    this.#maxBatchBytes = options.maxBatchBytes ?? batchLimits.maxBatchBytes;
  }

  /** Bytes held for batches that are not whole yet. */
  get openBytes(): number {
    return this.#openBytes;
  }

  /**
   * Takes a piece; answers the batch when it was the last one.
   *
   * @throws {@link ProtocolError} for a piece that may not come now; the link is beyond repair then.
   */
  add(part: BatchPart): TravellingBatch | undefined {
    const open = this.#open.get(part.feedId) ?? this.#begin(part);
    checkFollows(part, open);
    open.pieces.push(part.payload);
    open.bytes += part.payload.byteLength;
    this.#openBytes += part.payload.byteLength;
    return part.last ? this.#end(open) : undefined;
  }

  /**
   * Drops what is held for a feed that ended; answers what its unfinished batch announced, which the
   * caller has charged and must give back.
   */
  forget(feedId: number): number {
    const open = this.#open.get(feedId);
    this.#openBytes -= open?.bytes ?? 0;
    this.#open.delete(feedId);
    this.#lastSeq.delete(feedId);
    return open?.first.uncompressedBytes ?? 0;
  }

  #begin(part: BatchPart): OpenBatch {
    const expected = (this.#lastSeq.get(part.feedId) ?? 0) + 1;
    if (part.batchSeq !== expected) {
      const got = `batch ${part.batchSeq} of feed ${part.feedId}`;
      throw new ProtocolError('partOutOfOrder', `${got} came in place of ${expected}`);
    }
    if (part.uncompressedBytes > this.#maxBatchBytes) {
      const got = `a batch of ${part.uncompressedBytes} bytes`;
      throw new ProtocolError('tooLarge', `${got}, ${this.#maxBatchBytes} are allowed`);
    }
    const open: OpenBatch = { first: part, pieces: [], bytes: 0 };
    this.#open.set(part.feedId, open);
    return open;
  }

  #end(open: OpenBatch): TravellingBatch {
    const { feedId, batchSeq, codec, uncompressedBytes } = open.first;
    this.#open.delete(feedId);
    this.#openBytes -= open.bytes;
    this.#lastSeq.set(feedId, batchSeq);
    const [only] = open.pieces;
    const payload =
      open.pieces.length === 1 && only !== undefined ? only : Buffer.concat(open.pieces);
    return { feedId, batchSeq, codec: codecFromWire(codec), uncompressedBytes, payload };
  }
}

function checkFollows(part: BatchPart, open: OpenBatch): void {
  const { first, pieces, bytes } = open;
  const isSameBatch =
    part.batchSeq === first.batchSeq &&
    part.codec === first.codec &&
    part.uncompressedBytes === first.uncompressedBytes;
  if (!isSameBatch || part.part !== pieces.length) {
    const got = `piece ${part.part} of batch ${part.batchSeq}`;
    const expected = `piece ${pieces.length} of batch ${first.batchSeq}`;
    throw new ProtocolError('partOutOfOrder', `${got} came in place of ${expected}`);
  }
  if (part.payload.byteLength === 0) {
    throw new ProtocolError('partOutOfOrder', 'a piece of a batch is empty');
  }
  // A sender sends `none` where compression gains nothing, so no payload is ever longer.
  if (bytes + part.payload.byteLength > first.uncompressedBytes) {
    throw new ProtocolError('sizeMismatch', 'a payload is longer than the batch in it');
  }
}
