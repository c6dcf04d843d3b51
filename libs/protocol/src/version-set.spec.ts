import { hashObjectVersion, type VersionHash } from './object-version.ts';
import {
  VersionSet,
  compareVersionHashes,
  encodeVersionSet,
  maxKnownObjects,
  placesIn,
} from './version-set.ts';

const hashOf = (index: number): VersionHash =>
  hashObjectVersion({ namespace: '', name: `n${index}`, uid: 'u', resourceVersion: '1' });

const sorted = (count: number): VersionHash[] =>
  Array.from({ length: count }, (_, index) => hashOf(index)).sort(compareVersionHashes);

describe(VersionSet, () => {
  it('knows exactly what it was made of', () => {
    const set = new VersionSet(encodeVersionSet(sorted(1000)));

    const known = Array.from({ length: 1100 }, (_, index) => set.meet(hashOf(index)));

    expect(known.lastIndexOf(true)).toBe(999);
    expect(known.indexOf(false)).toBe(1000);
    expect(set.metCount).toBe(1000);
  });

  it('says which of it was met, in the order it came', () => {
    const hashes = sorted(20);
    const set = new VersionSet(encodeVersionSet(hashes));
    for (const index of [0, 7, 8, 19, 7]) set.meet(hashes[index]!);

    expect([...placesIn(set.met(), set.size)]).toEqual([0, 7, 8, 19]);
    expect(set.metCount).toBe(4);
  });

  it('finds halves that look negative as 32-bit numbers', () => {
    const hashes = [
      { high: 1, low: 0xffff_ffff },
      { high: 0x7fff_ffff, low: 0 },
      { high: 0x8000_0000, low: 5 },
      { high: 0xffff_ffff, low: 0xffff_ffff },
    ];
    const set = new VersionSet(encodeVersionSet(hashes));

    expect(hashes.map((hash) => set.meet(hash))).toEqual([true, true, true, true]);
    expect(set.meet({ high: 0x8000_0000, low: 4 })).toBe(false);
  });

  it('holds nothing when it came empty', () => {
    const set = new VersionSet(new Uint8Array(0));

    expect(set.meet(hashOf(1))).toBe(false);
    expect(set.met()).toHaveLength(0);
  });

  it.each([1, 12, (maxKnownObjects + 1) * 8])('refuses %i bytes', (bytes) => {
    expect(() => new VersionSet(new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ code: 'badDigest' }) as Error,
    );
  });
});

describe(placesIn, () => {
  it('leaves out bits beyond the size', () => {
    expect([...placesIn(Uint8Array.of(0xff), 3)]).toEqual([0, 1, 2]);
  });
});
