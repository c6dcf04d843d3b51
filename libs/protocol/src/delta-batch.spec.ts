import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { BufferPool } from './buffer-pool.ts';
import {
  DeltaBatchEncoder,
  decodeDeltaBatch,
  type DeltaRecord,
  type DeltaType,
} from './delta-batch.ts';
import { batchLimits } from './limits.ts';
import { ProtocolError, type ProtocolErrorCode } from './protocol-error.ts';

/** In the order of their bytes on the wire, which must never change. */
const types: DeltaType[] = [
  'init',
  'initApplied',
  'initDone',
  'applied',
  'deleted',
  'checkpoint',
  'initDoneUnswept',
];
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const aRecord = fc.record<DeltaRecord>({
  type: fc.constantFrom(...types),
  readAtMs: fc.integer({ min: -1_000_000, max: 4_000_000_000_000 }),
  resourceVersion: text,
  namespace: text,
  name: text,
  uid: text,
  object: fc.uint8Array({ maxLength: 300 }),
});

const applied: DeltaRecord = {
  type: 'applied',
  readAtMs: 1_700_000_000_000,
  resourceVersion: '12',
  namespace: 'default',
  name: 'web',
  uid: 'u-1',
  object: Buffer.from('{"kind":"Pod"}'),
};

function encode(records: readonly DeltaRecord[], encoder = new DeltaBatchEncoder()): Uint8Array {
  for (const record of records) encoder.add(record);
  return encoder.finish();
}

function comparable(records: readonly DeltaRecord[]): unknown {
  return records.map((record) => ({
    ...record,
    object: Buffer.from(record.object).toString('hex'),
  }));
}

function codeOf(decode: () => unknown): ProtocolErrorCode | 'decoded' {
  try {
    decode();
    return 'decoded';
  } catch (error: unknown) {
    if (error instanceof ProtocolError) return error.code;
    throw error;
  }
}

describe(decodeDeltaBatch, () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.array(aRecord, { minLength: 1, maxLength: 30 }), (records) => {
        expect(comparable(decodeDeltaBatch(encode(records)))).toEqual(comparable(records));
      }),
    );
  });

  it('throws a ProtocolError and nothing else for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        codeOf(() => decodeDeltaBatch(bytes));
      }),
      { numRuns: 500 },
    );
  });

  it('never decodes a batch with one byte changed into more than it announces', () => {
    const batch = encode([applied, { ...applied, name: 'api' }]);
    fc.assert(
      fc.property(fc.nat(batch.length - 1), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const changed = Uint8Array.from(batch);
        changed[at] = value;
        codeOf(() => decodeDeltaBatch(changed));
      }),
      { numRuns: 500 },
    );
  });

  it('refuses a batch that ends early, at every length', () => {
    const batch = encode([applied]);

    for (let length = 0; length < batch.length; length += 1) {
      expect(codeOf(() => decodeDeltaBatch(batch.subarray(0, length)))).toBe('truncated');
    }
  });

  it('keeps objects as views, without copying', () => {
    const batch = encode([applied]);

    const [record] = decodeDeltaBatch(batch);

    expect(record!.object.buffer).toBe(batch.buffer);
  });

  const huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f];
  it.each<[string, number[], ProtocolErrorCode]>([
    ['another framing', [0x02, 1], 'unknownFraming'],
    ['no deltas', [0x01, 0], 'tooMany'],
    ['a count without end', [0x01, ...huge], 'badVarint'],
    ['too many deltas', [0x01, 0xff, 0xff, 0xff, 0x7f], 'tooMany'],
    ['a type of a newer version', [0x01, 1, 9], 'unknownDeltaType'],
    ['a string longer than allowed', [0x01, 1, 3, 0, 0x81, 0x08], 'badString'],
    ['a string that is not UTF-8', [0x01, 1, 3, 0, 1, 0xff, 0, 0, 0, 0], 'badString'],
    [
      'an object larger than allowed',
      [0x01, 1, 3, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f],
      'tooLarge',
    ],
    ['an object larger than the batch', [0x01, 1, 3, 0, 0, 0, 0, 0, 5, 1, 2], 'truncated'],
    ['bytes after the end', [0x01, 1, 3, 0, 0, 0, 0, 0, 0, 9], 'trailingBytes'],
  ])('refuses %s', (_what, bytes, code) => {
    expect(codeOf(() => decodeDeltaBatch(Uint8Array.from(bytes)))).toBe(code);
  });

  it('refuses a batch above the limit before reading it', () => {
    const limits = { ...batchLimits, maxBatchBytes: 10 };

    expect(codeOf(() => decodeDeltaBatch(encode([applied]), limits))).toBe('tooLarge');
  });
});

describe(DeltaBatchEncoder, () => {
  it('writes each type as the byte that it has had ever since', () => {
    const bytes = types.map((type) => encode([{ ...applied, type }])[2]);

    expect(bytes).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('writes stretches of a buffer as it would the strings and the object', () => {
    const ascii = fc.string({ unit: 'grapheme-ascii', maxLength: 150 });
    const aDelta = fc.record<DeltaRecord>({
      type: fc.constantFrom(...types),
      readAtMs: fc.nat(),
      ...{ resourceVersion: ascii, namespace: ascii, name: ascii, uid: ascii },
      object: fc.uint8Array({ maxLength: 300 }),
    });
    const stretched = ({ resourceVersion, namespace, name, uid, object }: DeltaRecord) => {
      const parts = [resourceVersion, namespace, name, uid].map((part) => Buffer.from(part));
      // Something stands before, between and behind; what is empty may be absent.
      const places = [99, 99];
      const source = [Buffer.from('before')];
      for (const part of [...parts, Buffer.from(object)]) {
        const start = Buffer.concat(source).length;
        const isAbsent = part.length === 0 && places.length < 10;
        places.push(...(isAbsent ? [-1, -1] : [start, start + part.length]));
        source.push(part, Buffer.from(','));
      }
      return { source: Buffer.concat(source), places: Int32Array.from(places), first: 2 };
    };

    fc.assert(
      fc.property(fc.array(aDelta, { minLength: 1, maxLength: 5 }), (records) => {
        const encoder = new DeltaBatchEncoder();
        for (const record of records) {
          encoder.addStretches(record.type, record.readAtMs, stretched(record));
        }

        expect(Buffer.from(encoder.finish()).equals(Buffer.from(encode(records)))).toBe(true);
      }),
    );
  });

  it('has a buffer only while there is something in it', () => {
    const buffers = new BufferPool();
    const encoder = new DeltaBatchEncoder(buffers);
    encoder.add(applied);
    expect(buffers.idleBytes).toBe(0);

    encoder.clear();

    expect(buffers.idleBytes).toBe(4096);
    expect([encoder.count, encoder.byteLength]).toEqual([0, 0]);
  });

  it('starts anew after each batch', () => {
    const encoder = new DeltaBatchEncoder();
    encode([applied, applied], encoder);

    const second = encode([{ ...applied, name: 'other' }], encoder);

    expect(decodeDeltaBatch(second).map((record) => record.name)).toEqual(['other']);
  });

  it('does not change a finished batch by what is added later', () => {
    const encoder = new DeltaBatchEncoder();
    const first = encode([applied], encoder);
    const before = Buffer.from(first).toString('hex');

    encode([{ ...applied, name: 'zzz' }], encoder);

    expect(Buffer.from(first).toString('hex')).toBe(before);
  });

  it('knows its size and count while it grows past its first buffer', () => {
    const encoder = new DeltaBatchEncoder();
    const object = new Uint8Array(100_000).fill(7);
    for (let count = 0; count < 60; count += 1) encoder.add({ ...applied, object });

    expect(encoder.count).toBe(60);
    const estimate = encoder.byteLength;
    const batch = encoder.finish();
    expect(batch.byteLength - estimate).toBeLessThan(10);
    expect(decodeDeltaBatch(batch)).toHaveLength(60);
    expect(encoder.byteLength).toBe(0);
  });
});
