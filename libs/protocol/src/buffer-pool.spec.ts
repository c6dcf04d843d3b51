import { describe, expect, it } from '@jest/globals';
import { BufferPool } from './buffer-pool.ts';

const kibibyte = 1024;

describe(BufferPool, () => {
  it('gives a buffer that is large enough, and the same one again', () => {
    const pool = new BufferPool();
    const buffer = pool.take(5 * kibibyte);

    pool.give(buffer);

    expect(buffer.length).toBe(16 * kibibyte);
    expect(pool.take(9 * kibibyte)).toBe(buffer);
    expect(pool.take(9 * kibibyte)).not.toBe(buffer);
  });

  it('keeps no more than it was told, and nothing of another size', () => {
    const pool = new BufferPool(64 * kibibyte);
    const taken = [pool.take(1), pool.take(64 * kibibyte), pool.take(3 * kibibyte * kibibyte)];

    for (const buffer of taken) pool.give(buffer);

    expect(taken.map(({ length }) => length)).toEqual([4096, 65536, 3 * 1024 * 1024]);
    expect(pool.idleBytes).toBe(4096);
    expect(pool.take(1)).toBe(taken[0]);
    expect(pool.idleBytes).toBe(0);
  });
});
