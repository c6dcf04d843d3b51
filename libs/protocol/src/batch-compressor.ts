/**
 * Compresses the batches of one link, one after the other, in one context on a thread of libuv.
 *
 * Not with the synchronous functions of `node:zlib`: each call makes a native context, which costs a
 * fifth of the compression, and a JavaScript object around it, which V8 frees with no less than a
 * collection of the whole heap; these were half of an agent's collections (measured, Node.js 24).
 */
import * as zlib from 'node:zlib';
import {
  compressBatch,
  minCompressedBytes,
  zstdOptions,
  type CodecName,
  type CompressedBatch,
} from './compression.ts';
import { batchLimits } from './limits.ts';

/** Compresses batches in the order in which they are given. */
export interface BatchCompressor {
  /**
   * `bytes` compressed, or themselves where that is not smaller; they must not change until then.
   * Never rejects: what cannot be compressed is sent as it is.
   */
  compress(bytes: Uint8Array): CompressedBatch | Promise<CompressedBatch>;
  /** Frees the context; what is under way is given back uncompressed. */
  close(): void;
}

/** Compressed bytes that one buffer holds: those of several batches. */
const chunkBytes = 64 * 1024;

/** A compressor for a link that agreed on `codec`. */
export function createBatchCompressor(codec: CodecName): BatchCompressor {
  if (codec === 'zstd') return new ZstdCompressor();
  return { compress: (bytes) => compressBatch(bytes, codec), close: () => undefined };
}

class ZstdCompressor implements BatchCompressor {
  #stream: zlib.ZstdCompress | undefined;
  /** Those who wait, in order. */
  readonly #waiting: ((compressed: Uint8Array | undefined) => void)[] = [];
  #isClosed = false;

  compress(bytes: Uint8Array): CompressedBatch | Promise<CompressedBatch> {
    const asItIs = { codec: 'none', payload: bytes } as const;
    if (bytes.byteLength < minCompressedBytes || this.#isClosed) return asItIs;
    const stream = (this.#stream ??= this.#open());
    return new Promise((resolve) => {
      this.#waiting.push((payload) => {
        const isSmaller = payload !== undefined && payload.byteLength < bytes.byteLength;
        resolve(isSmaller ? { codec: 'zstd', payload } : asItIs);
      });
      stream.write(bytes);
      // Ends the frame; the next batch begins another in the same context.
      stream.flush(zlib.constants.ZSTD_e_end, () => {
        const payload = stream.read() as Buffer | null;
        if (stream === this.#stream) this.#waiting.shift()?.(payload ?? undefined);
      });
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#drop();
  }

  #open(): zlib.ZstdCompress {
    const stream = zlib.createZstdCompress({
      ...zstdOptions,
      chunkSize: chunkBytes,
      // It must not wait for a reader in the middle of a batch, who reads at its end.
      ...{ readableHighWaterMark: 2 * batchLimits.maxBatchBytes },
    });
    stream.on('error', () => {
      if (stream === this.#stream) this.#drop();
    });
    return stream;
  }

  /** The next batch gets a new context. */
  #drop(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
    for (const settle of this.#waiting.splice(0)) settle(undefined);
  }
}
