import { describe, expect, it } from '@jest/globals';
import { deflateSync } from 'node:zlib';
import * as fc from 'fast-check';
import {
  codecFromWire,
  codecToWire,
  compressBatch,
  decompressBatch,
  supportedCodecs,
  type CodecName,
} from './compression.ts';
import { Codec } from './gen/fairlead/v1/feed.ts';

const aCodec = fc.constantFrom<CodecName>('zstd', 'deflate', 'none');
const compressible = Buffer.from('{"kind":"Pod","apiVersion":"v1"}'.repeat(500));

describe(decompressBatch, () => {
  it('gives back what was compressed', () => {
    fc.assert(
      fc.property(aCodec, fc.uint8Array({ maxLength: 5000 }), (codec, bytes) => {
        const compressed = compressBatch(bytes, codec);

        const options = { maxBytes: bytes.byteLength };
        const back = decompressBatch(compressed.payload, compressed.codec, options);

        expect(Buffer.from(back).equals(Buffer.from(bytes))).toBe(true);
      }),
    );
  });

  it.each<CodecName>(['zstd', 'deflate', 'none'])('stops %s at the bound', (codec) => {
    const { payload } = compressBatch(compressible, codec);

    expect(() =>
      decompressBatch(payload, codec, { maxBytes: compressible.byteLength - 1 }),
    ).toThrow(expect.objectContaining({ code: 'tooLarge' }));
  });

  it('stops a payload that would fill the memory', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000));

    expect(() => decompressBatch(bomb, 'deflate', { maxBytes: 1000 })).toThrow(
      expect.objectContaining({ code: 'tooLarge' }),
    );
  });

  it.each<CodecName>(['zstd', 'deflate'])('refuses what is not %s', (codec) => {
    const payload = Buffer.from('not compressed at all');

    expect(() => decompressBatch(payload, codec, { maxBytes: 1000 })).toThrow(
      expect.objectContaining({ code: 'corruptPayload' }),
    );
  });

  it('refuses a payload cut short', () => {
    const { payload } = compressBatch(compressible, 'deflate');

    expect(() =>
      decompressBatch(payload.subarray(0, payload.length - 9), 'deflate', { maxBytes: 1e6 }),
    ).toThrow(expect.objectContaining({ code: 'corruptPayload' }));
  });
});

describe(compressBatch, () => {
  it.each<CodecName>(['zstd', 'deflate'])('makes JSON several times smaller with %s', (codec) => {
    const compressed = compressBatch(compressible, codec);

    expect(compressed.codec).toBe(codec);
    expect(compressed.payload.byteLength * 5).toBeLessThan(compressible.byteLength);
  });

  it('never sends more than went in', () => {
    fc.assert(
      fc.property(aCodec, fc.uint8Array({ maxLength: 2000 }), (codec, bytes) => {
        expect(compressBatch(bytes, codec).payload.byteLength).toBeLessThanOrEqual(
          bytes.byteLength,
        );
      }),
    );
  });
});

describe(codecFromWire, () => {
  it('is the way back from codecToWire', () => {
    for (const codec of supportedCodecs()) expect(codecFromWire(codecToWire(codec))).toBe(codec);
  });

  it.each([Codec.UNSPECIFIED, 99 as Codec])('refuses number %d', (wire) => {
    expect(() => codecFromWire(wire)).toThrow(expect.objectContaining({ code: 'unknownCodec' }));
  });
});
