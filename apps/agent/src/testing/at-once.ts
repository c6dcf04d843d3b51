/** Compression without threads, for tests that go step by step. */
import { compressBatch, type BatchCompressor, type CompressedBatch } from '@fairlead/protocol';

/** Compresses in the call itself. */
export const atOnce: BatchCompressor = {
  compress: (bytes: Uint8Array): CompressedBatch => compressBatch(bytes, 'zstd'),
  close: () => undefined,
};
