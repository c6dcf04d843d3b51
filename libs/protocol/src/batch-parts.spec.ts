import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  PartAssembler,
  batchToParts,
  packBatch,
  splitIntoParts,
  unpackBatch,
  type TravellingBatch,
} from './batch-parts.ts';
import { compressBatch } from './compression.ts';
import { createBatchCompressor } from './batch-compressor.ts';
import { DeltaBatchEncoder, decodeDeltaBatch } from './delta-batch.ts';
import { type BatchPart } from './gen/fairlead/v1/feed.ts';
import { ProtocolError } from './protocol-error.ts';

function aBatch(content: Uint8Array, feedId = 1, batchSeq = 1): TravellingBatch {
  const { codec, payload } = compressBatch(content, 'zstd');
  return { feedId, batchSeq, codec, uncompressedBytes: content.byteLength, payload };
}

const content = Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 7919) % 251));

function partsOf(feedId = 1, batchSeq = 1): BatchPart[] {
  return batchToParts(aBatch(content, feedId, batchSeq), 10);
}

function codeOf(act: () => unknown): string {
  try {
    act();
    return 'accepted';
  } catch (error: unknown) {
    return error instanceof ProtocolError ? error.code : 'another error';
  }
}

describe(packBatch, () => {
  it.each(['zstd', 'deflate', 'none'] as const)(
    'gives a %s payload of its own, which later batches do not change',
    async (codec) => {
      const encoder = new DeltaBatchEncoder();
      const compressor = createBatchCompressor(codec);
      const strings = { namespace: 'n', name: 'a', uid: 'u', resourceVersion: '1' };
      const add = (byte: number) =>
        encoder.add({
          type: 'applied',
          readAtMs: 1,
          ...strings,
          object: new Uint8Array(900).fill(byte),
        });
      add(7);

      const pack = async () => {
        const { uncompressedBytes, content } = packBatch(
          encoder,
          compressor.compress.bind(compressor),
        );
        return { feedId: 1, batchSeq: 1, uncompressedBytes, ...(await content) };
      };
      const first = await pack();
      add(9);
      await pack();
      compressor.close();

      expect(first.codec).toBe(codec);
      const [record] = decodeDeltaBatch(unpackBatch(first));
      expect(record).toMatchObject({ ...strings, object: expect.any(Uint8Array) });
      expect([...record!.object].every((byte) => byte === 7)).toBe(true);
    },
  );
});

describe(splitIntoParts, () => {
  it('cuts into pieces of at most the size asked for', () => {
    expect(splitIntoParts(Buffer.from('abcdefg'), 3).map(String)).toEqual(
      [Buffer.from('abc'), Buffer.from('def'), Buffer.from('g')].map(String),
    );
  });

  it('gives one piece for what fits exactly', () => {
    expect(splitIntoParts(Buffer.from('abc'), 3)).toHaveLength(1);
  });
});

describe(PartAssembler, () => {
  it('puts alternating batches of several feeds together', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        (contents, maxBytes) => {
          const queues = contents.map((bytes, index) =>
            batchToParts(aBatch(bytes, index + 1), maxBytes),
          );
          const assembler = new PartAssembler();
          const whole: TravellingBatch[] = [];
          while (queues.some((queue) => queue.length > 0)) {
            for (const queue of queues) {
              const part = queue.shift();
              const batch = part && assembler.add(part);
              if (batch) whole.push(batch);
            }
          }

          expect(whole).toHaveLength(contents.length);
          for (const batch of whole) {
            const expected = Buffer.from(contents[batch.feedId - 1]!);
            expect(expected.equals(unpackBatch(batch))).toBe(true);
          }
          expect(assembler.openBytes).toBe(0);
        },
      ),
    );
  });

  it('takes the next batch of a feed after the one before', () => {
    const assembler = new PartAssembler();
    for (const part of partsOf(1, 1)) assembler.add(part);

    expect(codeOf(() => partsOf(1, 2).map((part) => assembler.add(part)))).toBe('accepted');
  });

  it.each<[string, (parts: BatchPart[]) => BatchPart[], string]>([
    ['a gap in the batches', () => partsOf(1, 2), 'partOutOfOrder'],
    ['a batch that does not begin', (parts) => parts.slice(1), 'partOutOfOrder'],
    ['a missing piece', ([first, , third]) => [first!, third!], 'partOutOfOrder'],
    ['a piece twice', ([first]) => [first!, first!], 'partOutOfOrder'],
    ['a piece of the next batch', ([first]) => [first!, partsOf(1, 2)[0]!], 'partOutOfOrder'],
    [
      'another size in the middle',
      ([first, second]) => [first!, { ...second!, uncompressedBytes: 4999 }],
      'partOutOfOrder',
    ],
    ['an empty piece', ([first]) => [{ ...first!, payload: Buffer.alloc(0) }], 'partOutOfOrder'],
    [
      'more bytes than announced',
      ([first]) => [{ ...first!, uncompressedBytes: 5 }],
      'sizeMismatch',
    ],
    ['a batch above the limit', ([first]) => [{ ...first!, uncompressedBytes: 2e9 }], 'tooLarge'],
    [
      'a codec of a newer version',
      ([first]) => [{ ...first!, codec: 9 as BatchPart['codec'], last: true }],
      'unknownCodec',
    ],
  ])('refuses %s', (_what, change, code) => {
    const assembler = new PartAssembler();

    expect(codeOf(() => change(partsOf()).map((part) => assembler.add(part)))).toBe(code);
  });

  it('holds nothing for a feed it was told to forget', () => {
    const assembler = new PartAssembler();
    assembler.add(partsOf()[0]!);
    expect(assembler.openBytes).toBe(10);

    const announced = assembler.forget(1);

    expect(announced).toBe(content.byteLength);
    expect(assembler.openBytes).toBe(0);
    expect(assembler.forget(1)).toBe(0);
  });
});

describe(unpackBatch, () => {
  it('refuses a batch shorter than announced', () => {
    const batch = { ...aBatch(content), uncompressedBytes: content.byteLength + 1 };

    expect(codeOf(() => unpackBatch(batch))).toBe('sizeMismatch');
  });
});
