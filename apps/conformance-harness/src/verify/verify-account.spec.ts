import { type ServedType } from './account-scope.ts';
import { type StoredItem } from './bridge-objects-client.ts';
import { type JsonObject } from './exact-json.ts';
import { expectedManifest } from './expected-manifest.ts';
import { verifyAccount, type VerifyParts } from './verify-account.ts';

const podType: ServedType = {
  apiVersion: 'v1',
  group: '',
  kind: 'Pod',
  resource: 'pods',
  namespaced: true,
};

function aPod(name: string, phase = 'Running'): JsonObject {
  return { metadata: { name, namespace: 'n' }, status: { phase } };
}

/** A cluster and a bridge in memory; either can be changed while it is looked at. */
function aScene(names: readonly string[]): {
  cluster: Map<string, JsonObject>;
  stored: Map<string, StoredItem>;
  account: JsonObject;
  looks: number;
  onSleep: () => void;
  parts: VerifyParts;
} {
  const store = (pod: JsonObject, name: string): StoredItem => ({
    kind: 'pod',
    apiVersion: 'v1',
    namespace: 'n',
    name,
    manifest: expectedManifest(pod, podType),
  });
  let nowMs = 0;
  const scene = {
    cluster: new Map(names.map((name) => [name, aPod(name)])),
    stored: new Map(names.map((name) => [name, store(aPod(name), name)])),
    account: { kinds: ['pod'] } as JsonObject,
    looks: 0,
    onSleep: (): void => undefined,
    parts: {} as VerifyParts,
  };
  scene.parts = {
    clock: {
      nowMs: () => nowMs,
      sleep(ms) {
        nowMs += ms;
        scene.onSleep();
        return Promise.resolve();
      },
    },
    cluster: {
      types: () => Promise.resolve([podType]),
      eachObject(_type, take) {
        take([...scene.cluster.values()]);
        return Promise.resolve();
      },
      object(_type, { name }) {
        scene.looks++;
        return Promise.resolve(scene.cluster.get(name));
      },
    },
    bridge: {
      account: () => Promise.resolve(scene.account),
      eachStored({ kind }, take) {
        take([...scene.stored.values()].filter((item) => kind === undefined || item.kind === kind));
        return Promise.resolve();
      },
      manifest: ({ name }) => Promise.resolve(scene.stored.get(name)?.manifest),
    },
  };
  return scene;
}

describe(verifyAccount, () => {
  it('finds nothing when the bridge has what the cluster has', async () => {
    const { parts } = aScene(['a', 'b']);

    expect(await verifyAccount(parts)).toEqual({ objects: 2, types: 1, findings: [] });
  });

  it('names what was removed, changed and added', async () => {
    const scene = aScene(['a', 'b', 'c']);
    scene.stored.delete('a');
    scene.cluster.set('b', aPod('b', 'Failed'));
    scene.cluster.delete('c');

    const { findings } = await verifyAccount(scene.parts);

    expect(findings).toEqual([
      { kind: 'missing', object: 'Pod n/a', detail: '' },
      { kind: 'different', object: 'Pod n/b', detail: '.status.phase' },
      { kind: 'extra', object: 'Pod n/c', detail: '' },
    ]);
  });

  it('forgives what comes right while it looks again', async () => {
    const scene = aScene(['a']);
    const late = scene.stored.get('a')!;
    scene.stored.delete('a');
    scene.onSleep = () => scene.stored.set('a', late);

    expect((await verifyAccount(scene.parts)).findings).toEqual([]);
  });

  it('looks twice at least, and not for longer than it may take', async () => {
    const scene = aScene(['a']);
    scene.stored.delete('a');

    await verifyAccount(scene.parts, { settleMs: 0 });
    const looksAtOnce = scene.looks;
    scene.looks = 0;
    await verifyAccount(scene.parts, { settleMs: 1000 });

    expect(looksAtOnce).toBe(4);
    expect(scene.looks).toBe(22);
  });

  it('calls stored objects of a kind that the cluster does not have extra', async () => {
    const scene = aScene(['a']);
    scene.stored.set('w', {
      kind: 'Widget.example.com',
      apiVersion: 'example.com/v1',
      namespace: 'n',
      name: 'w',
      manifest: undefined,
    });

    expect((await verifyAccount(scene.parts)).findings).toEqual([
      { kind: 'extra', object: 'Widget.example.com n/w', detail: '' },
    ]);
  });

  it('does not expect what the account leaves out', async () => {
    const scene = aScene(['a']);
    scene.account = { kinds: ['pod'], properties: { omitNamespaces: ['n'] } };
    scene.stored.clear();

    expect((await verifyAccount(scene.parts)).findings).toEqual([]);
  });

  it('refuses an account that declares no kinds', async () => {
    const scene = aScene([]);
    scene.account = { kinds: [] };

    await expect(verifyAccount(scene.parts)).rejects.toMatchObject({ code: 'account' });
  });
});
