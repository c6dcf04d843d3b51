import type { PodSpec, Volume } from './pod-spec.ts';
import { aPlace, aPod, someSources } from './testing.ts';
import { tokenSourcesOf, volumeFiles } from './volume-files.ts';

function filesOf(volume: Omit<Volume, 'name'>, spec: Partial<PodSpec> = {}) {
  const facts = {
    pod: aPod(spec),
    place: aPlace,
    sources: someSources(),
    tokenOf: ({ audience = 'api' }) => `token for ${audience}`,
  };
  return volumeFiles({ name: 'volume', ...volume }, facts)?.map(({ bytes, mode, ...file }) => ({
    ...file,
    text: bytes.toString('latin1'),
    mode: mode.toString(8),
  }));
}

const token = { path: 'token', audience: 'vault', expirationSeconds: 600 };

describe(volumeFiles, () => {
  it('gives each key a file', () => {
    expect(filesOf({ configMap: { name: 'settings', defaultMode: 0o444 } })).toEqual([
      { path: 'color', text: 'red', mode: '444' },
      { path: 'size', text: 'small', mode: '444' },
      { path: 'raw', text: '\u0000\u00ff', mode: '444' },
    ]);
  });

  it('gives only the items that are named, where they are wanted', () => {
    const items = [{ key: 'token', path: 'deep/down.txt', mode: 0o400 }];

    expect(filesOf({ secret: { secretName: 'keys', items } })).toEqual([
      { path: 'deep/down.txt', text: 't0p', mode: '400' },
    ]);
  });

  it('needs what is not optional', () => {
    const items = [{ key: 'gone', path: 'gone' }];

    expect(() => filesOf({ configMap: { name: 'gone' } })).toThrow('configMaps "gone" not found');
    expect(() => filesOf({ configMap: { name: 'settings', items } })).toThrow('no key "gone"');
    expect(filesOf({ configMap: { name: 'gone', optional: true } })).toEqual([]);
    expect(filesOf({ configMap: { name: 'settings', items, optional: true } })).toEqual([]);
  });

  it('puts the sources of a projected volume together', () => {
    const sources = [
      { serviceAccountToken: token },
      { configMap: { name: 'settings', items: [{ key: 'color', path: 'color' }] } },
      { downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
    ];

    expect(filesOf({ projected: { sources, defaultMode: 0o644 } })).toEqual([
      { path: 'token', text: 'token for vault', mode: '644' },
      { path: 'color', text: 'red', mode: '644' },
      { path: 'labels', text: 'a="1"\nb="2"', mode: '644' },
    ]);
  });

  it("keeps a token for the containers' user, or group", () => {
    const projected = { sources: [{ serviceAccountToken: token }], defaultMode: 0o644 };
    const containers = [{ name: 'app', image: 'app' }];

    expect(filesOf({ projected }, { containers, securityContext: { runAsUser: 65532 } })).toEqual([
      { path: 'token', text: 'token for vault', mode: '600', uid: 65532 },
    ]);
    expect(filesOf({ projected }, { containers, securityContext: { fsGroup: 7 } })).toMatchObject([
      { mode: '600' },
    ]);
  });

  it("leaves alone what is the pod's own", () => {
    expect(filesOf({ emptyDir: {} })).toBeUndefined();
    expect(filesOf({ persistentVolumeClaim: { claimName: 'data' } })).toBeUndefined();
  });
});

describe(tokenSourcesOf, () => {
  it('names the tokens that must be had first', () => {
    const sources = [{ configMap: { name: 'settings' } }, { serviceAccountToken: token }];

    expect(tokenSourcesOf({ name: 'volume', projected: { sources } })).toEqual([token]);
  });
});
