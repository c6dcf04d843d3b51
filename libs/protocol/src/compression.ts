/**
 * A batch's payload, compressed once as a whole. Synchronous on purpose: measured, the thread pool's
 * hand-over costs more CPU than it frees for payloads of this size (64 to 256 pods).
 */
import * as zlib from 'node:zlib';
import { Codec } from './gen/fairlead/v1/feed.ts';
import { ProtocolError } from './protocol-error.ts';

/** How a payload is compressed; `none` is spoken by all. */
export type CodecName = 'zstd' | 'deflate' | 'none';

/** A payload and how it is compressed. */
export interface CompressedBatch {
  /** What was used: the codec asked for, or `none` where that is not smaller. */
  readonly codec: CodecName;
  /** The bytes to send, never more than went in. */
  readonly payload: Uint8Array;
}

/** Below this many bytes compression gains nothing worth its call. */
export const minCompressedBytes = 256;

/** Level 1 of both: measured 8x smaller at a third of the CPU of the default levels. */
const level = 1;
/** The same for every use of zstd. */
export const zstdOptions = { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } };

const wireOfCodec: Readonly<Record<CodecName, Codec>> = {
  none: Codec.NONE,
  deflate: Codec.DEFLATE,
  zstd: Codec.ZSTD,
};

/** The codecs that this Node.js has, best first. Zstandard came with Node.js 22.15. */
export function supportedCodecs(): readonly CodecName[] {
  const hasZstd = typeof (zlib as { zstdCompressSync?: unknown }).zstdCompressSync === 'function';
  return hasZstd ? ['zstd', 'deflate', 'none'] : ['deflate', 'none'];
}

/** `bytes` compressed as `codec`, or as they are where that is not smaller. */
export function compressBatch(bytes: Uint8Array, codec: CodecName): CompressedBatch {
  if (codec === 'none' || bytes.byteLength < minCompressedBytes) {
    return { codec: 'none', payload: bytes };
  }
  const payload =
    codec === 'zstd'
      ? zlib.zstdCompressSync(bytes, zstdOptions)
      : zlib.deflateSync(bytes, { level });
  return payload.byteLength < bytes.byteLength
    ? { codec, payload }
    : { codec: 'none', payload: bytes };
}

/**
 * The batch in `payload`. Stops at `maxBytes`, so that a small payload cannot fill the memory.
 *
 * @throws {@link ProtocolError} `tooLarge` past `maxBytes`, `corruptPayload` for anything else.
 */
export function decompressBatch(
  payload: Uint8Array,
  codec: CodecName,
  options: { readonly maxBytes: number },
): Uint8Array {
  const tooLarge = `a batch has more than ${options.maxBytes} bytes`;
  if (codec === 'none') {
    if (payload.byteLength > options.maxBytes) throw new ProtocolError('tooLarge', tooLarge);
    return payload;
  }
  const bounds = {
    // zlib wants a bound of at least one byte.
    maxOutputLength: Math.max(1, options.maxBytes),
    // One piece of memory for all, and a byte that is left: else zlib fills pieces of 16 KiB and
    // copies them together, which takes as long as unpacking (measured with 256 KiB of Pods).
    chunkSize: Math.max(zlib.constants.Z_MIN_CHUNK, options.maxBytes + 1),
  };
  try {
    return codec === 'zstd'
      ? zlib.zstdDecompressSync(payload, bounds)
      : zlib.inflateSync(payload, bounds);
  } catch (cause: unknown) {
    if (nodeErrorCode(cause) === 'ERR_BUFFER_TOO_LARGE') {
      throw new ProtocolError('tooLarge', tooLarge, { cause });
    }
    throw new ProtocolError('corruptPayload', `a payload is not ${codec}`, { cause });
  }
}

/** A codec's number in messages. */
export function codecToWire(codec: CodecName): Codec {
  return wireOfCodec[codec];
}

/**
 * The codec with this number.
 *
 * @throws {@link ProtocolError} `unknownCodec` for a number of a newer protocol.
 */
export function codecFromWire(wire: Codec): CodecName {
  const codec = codecIfKnown(wire);
  if (codec === undefined) throw new ProtocolError('unknownCodec', `codec ${wire} is not known`);
  return codec;
}

/** The codec with this number, `undefined` if this side does not know it. */
export function codecIfKnown(wire: Codec): CodecName | undefined {
  return supportedCodecs().find((name) => wireOfCodec[name] === wire);
}

/** By shape, not by class: zlib's errors may come from another realm. */
function nodeErrorCode(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
