import { describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { createBatchCompressor } from './batch-compressor.ts';
import { decompressBatch, type CodecName } from './compression.ts';

const batches = [3, 40, 20_000, 1, 7000].map((repeats, index) =>
  Buffer.from(`{"kind":"Pod","apiVersion":"v1","number":${String(index)}}`.repeat(repeats)),
);

describe(createBatchCompressor, () => {
  it.each<CodecName>(['zstd', 'deflate', 'none'])(
    'compresses batches that are given at once, each by itself and in order (%s)',
    async (codec) => {
      const compressor = createBatchCompressor(codec);
      const settled: number[] = [];

      const compressed = await Promise.all(
        batches.map(async (batch, index) => {
          const result = await compressor.compress(batch);
          settled.push(batch.byteLength < 256 ? -1 : index);
          return result;
        }),
      );
      compressor.close();

      const back = compressed.map(({ payload, codec: used }, index) =>
        decompressBatch(payload, used, { maxBytes: batches[index]!.byteLength }),
      );
      expect(back.map((bytes) => Buffer.from(bytes).toString())).toEqual(batches.map(String));
      expect(settled.filter((index) => index >= 0)).toEqual([1, 2, 4]);
      expect(compressed[2]!.payload.byteLength < 5000).toBe(codec !== 'none');
    },
  );

  it('gives back what gets no smaller', async () => {
    const compressor = createBatchCompressor('zstd');
    const noise = randomBytes(5000);

    const { codec, payload } = await compressor.compress(noise);
    compressor.close();

    expect([codec, payload === noise]).toEqual(['none', true]);
  });

  it('settles what is under way when it is closed, and goes on without compressing', async () => {
    const compressor = createBatchCompressor('zstd');
    const underWay = compressor.compress(batches[2]!);

    compressor.close();

    expect((await underWay).codec).toBe('none');
    expect(await compressor.compress(batches[2]!)).toEqual({ codec: 'none', payload: batches[2] });
  });
});
