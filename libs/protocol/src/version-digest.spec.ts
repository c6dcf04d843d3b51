import { hashObjectVersion } from './object-version.ts';
import { VersionDigest, digestBucketsFor, isBucketCount } from './version-digest.ts';

const hashOf = (name: string, resourceVersion = '1') =>
  hashObjectVersion({ namespace: 'default', name, uid: `uid-${name}`, resourceVersion });

const digestOf = (names: readonly string[], buckets = 16): VersionDigest => {
  const digest = new VersionDigest(buckets);
  for (const name of names) digest.add(hashOf(name));
  return digest;
};

const names = Array.from({ length: 500 }, (_, index) => `pod-${index}`);

describe('hashObjectVersion', () => {
  it('is the beginning of the SHA-256 of the four parts', () => {
    const version = { namespace: 'ns', name: 'n', uid: 'u', resourceVersion: '7' };

    // printf 'ns\nn\nu\n7' | sha256sum
    expect(hashObjectVersion(version)).toEqual({ high: 0xbe60197f, low: 0xc0de6a0b });
  });

  it('tells apart what differs in one part', () => {
    const parts = { namespace: 'a', name: 'b', uid: 'c', resourceVersion: 'd' };
    const changed = (['namespace', 'name', 'uid', 'resourceVersion'] as const).map((part) =>
      JSON.stringify(hashObjectVersion({ ...parts, [part]: 'x' })),
    );

    expect(new Set([...changed, JSON.stringify(hashObjectVersion(parts))]).size).toBe(5);
  });
});

describe(VersionDigest, () => {
  it('is the same whatever the order', () => {
    const one = digestOf(names);
    const other = digestOf([...names].reverse());

    expect(one.differences(other)).toEqual([]);
  });

  it('differs in the bucket of what is missing', () => {
    const whole = digestOf(names);
    const partial = digestOf(names.slice(1));

    expect(whole.differences(partial)).toHaveLength(1);
  });

  it('is as before when what was added is removed', () => {
    const digest = digestOf(names);
    for (const name of names.slice(100)) digest.remove(hashOf(name));

    expect(digest.differences(digestOf(names.slice(0, 100)))).toEqual([]);
  });

  it('spreads versions over all its buckets', () => {
    expect(digestOf(names).differences(new VersionDigest(16))).toHaveLength(16);
  });

  it.each([1, 2, 4096])('comes back from the wire with %i buckets', (buckets) => {
    const digest = digestOf(names, buckets);
    const bytes = digest.encode();

    const decoded = VersionDigest.decode(bytes);

    expect(bytes).toHaveLength(buckets * 8);
    expect(decoded.buckets).toBe(buckets);
    expect(decoded.differences(digest)).toEqual([]);
  });

  it.each([0, 7, 24, 4097 * 8])('refuses %i bytes', (bytes) => {
    expect(() => VersionDigest.decode(new Uint8Array(bytes))).toThrow(
      expect.objectContaining({ code: 'badDigest' }) as Error,
    );
  });
});

describe(digestBucketsFor, () => {
  it.each([
    [0, 1],
    [64, 1],
    [65, 2],
    [50_000, 1024],
    [10_000_000, 4096],
  ])('sorts %i objects into %i buckets', (objects, buckets) => {
    expect(digestBucketsFor(objects)).toBe(buckets);
    expect(isBucketCount(buckets)).toBe(true);
  });
});
