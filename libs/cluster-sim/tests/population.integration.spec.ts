/** What a new cluster contains and how it lives: the same for the same seed. */
import {
  type ClusterChange,
  createManualClock,
  type Fleet,
  type JsonObject,
  type SimCluster,
  startFleet,
} from '../src/index.ts';

const kinds = [
  ['v1', 'Namespace'],
  ['v1', 'Node'],
  ['v1', 'Pod'],
  ['v1', 'Service'],
  ['v1', 'ConfigMap'],
  ['v1', 'Secret'],
  ['v1', 'Event'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'ReplicaSet'],
  ['batch/v1', 'Job'],
  ['batch/v1', 'CronJob'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['stable.example.com/v1', 'CronTab'],
] as const;

const clock = createManualClock();
const running: Fleet[] = [];
const start = async (options: Parameters<typeof startFleet>[0]): Promise<Fleet> => {
  const fleet = await startFleet({ clock, ...options });
  running.push(fleet);
  return fleet;
};

afterEach(async () => {
  await Promise.all(running.splice(0).map((fleet) => fleet.stop()));
});

const all = (cluster: SimCluster): JsonObject[] =>
  kinds
    .filter(([apiVersion, kind]) => cluster.state.findKind(apiVersion, kind) !== undefined)
    .flatMap(([apiVersion, kind]) => cluster.list({ apiVersion, kind }));
const metadataOf = (object: JsonObject): JsonObject => object.metadata as JsonObject;

describe('a new cluster', () => {
  it.each([4, 5, 9, 40, 333, 5000])('has exactly %d objects', async (objectsPerCluster) => {
    const fleet = await start({ objectsPerCluster });

    expect(fleet.cluster('sim-1').objectCount).toBe(objectsPerCluster);
    expect(all(fleet.cluster('sim-1'))).toHaveLength(objectsPerCluster);
  });

  it('has the namespaces of every cluster at least', async () => {
    const fleet = await start({ objectsPerCluster: 0 });

    const namespaces = all(fleet.cluster('sim-1')).map((object) => metadataOf(object).name);
    expect(namespaces).toEqual(['default', 'kube-node-lease', 'kube-public', 'kube-system']);
  });

  it('is the same for the same seed, down to the uid of kube-system', async () => {
    const [one, same, other] = [
      await start({ clusters: 2, seed: 5 }),
      await start({ clusters: 2, seed: 5 }),
      await start({ clusters: 2, seed: 6 }),
    ];
    const identity = (fleet: Fleet, name: string): unknown => {
      const ref = { apiVersion: 'v1', kind: 'Namespace', name: 'kube-system' };
      return metadataOf(fleet.cluster(name).get(ref)!).uid;
    };

    expect(all(one.cluster('sim-1'))).toEqual(all(same.cluster('sim-1')));
    expect(identity(one, 'sim-1')).toBe(identity(same, 'sim-1'));
    expect(identity(one, 'sim-1')).not.toBe(identity(one, 'sim-2'));
    expect(identity(one, 'sim-1')).not.toBe(identity(other, 'sim-1'));
  });

  it('has objects of every kind, none twice, each in a namespace that is there', async () => {
    const fleet = await start({ objectsPerCluster: 1000 });
    const cluster = fleet.cluster('sim-1');
    const objects = all(cluster);
    const namespaces = new Set(
      cluster.list({ apiVersion: 'v1', kind: 'Namespace' }).map((each) => metadataOf(each).name),
    );

    for (const [apiVersion, kind] of kinds) {
      expect(cluster.list({ apiVersion, kind }).length).toBeGreaterThan(0);
    }
    expect(new Set(objects.map((object) => metadataOf(object).uid)).size).toBe(1000);
    expect(new Set(objects.map((object) => metadataOf(object).resourceVersion)).size).toBe(1000);
    for (const object of objects) {
      const { namespace } = metadataOf(object);
      if (namespace !== undefined) expect(namespaces).toContain(namespace);
    }
  });

  it('has owners for what is owned', async () => {
    const fleet = await start({ objectsPerCluster: 500 });
    const objects = all(fleet.cluster('sim-1'));
    const byUid = new Map(objects.map((object) => [metadataOf(object).uid, object]));
    const owned = objects.flatMap((object) =>
      ((metadataOf(object).ownerReferences ?? []) as JsonObject[]).map((owner) => ({
        object,
        owner,
      })),
    );

    expect(owned.length).toBeGreaterThan(200);
    for (const { object, owner } of owned) {
      expect(byUid.get(owner.uid)).toMatchObject({
        kind: owner.kind,
        metadata: { name: owner.name, namespace: metadataOf(object).namespace },
      });
    }
  });

  it('has Secrets with the canary, once as data and once as applied', async () => {
    const fleet = await start({ objectsPerCluster: 100, canary: 'tweet' });
    const [secret] = fleet.cluster('sim-1').list({ apiVersion: 'v1', kind: 'Secret' });
    const encoded = Buffer.from('tweet').toString('base64');

    expect(secret).toMatchObject({ data: { password: encoded } });
    const annotations = metadataOf(secret!).annotations as Record<string, string>;
    const applied = JSON.parse(
      annotations['kubectl.kubernetes.io/last-applied-configuration']!,
    ) as JsonObject;
    expect(applied).toMatchObject({ data: { password: encoded } });
  });

  it('has Pods of about 3 KB, and a number that needs 64 bits', async () => {
    const fleet = await start({ objectsPerCluster: 100 });
    const cluster = fleet.cluster('sim-1');
    const [pod] = cluster.list({ apiVersion: 'v1', kind: 'Pod' });
    const [tab] = cluster.list({ apiVersion: 'stable.example.com/v1', kind: 'CronTab' });

    expect(JSON.stringify(pod).length).toBeGreaterThan(2700);
    expect(JSON.stringify(pod).length).toBeLessThan(3700);
    expect(JSON.stringify(tab)).toContain('"ticket":9007199254740993');
  });
});

describe('churn', () => {
  const changesOf = async (options: {
    churnPerSecond: number;
    seconds: number;
  }): Promise<ClusterChange[]> => {
    const own = createManualClock();
    const { churnPerSecond, seconds } = options;
    const fleet = await start({ clock: own, objectsPerCluster: 300, churnPerSecond });
    const changes: ClusterChange[] = [];
    fleet.cluster('sim-1').observe((change) => changes.push(change));
    await own.advance(seconds * 1000);
    return changes;
  };
  const told = ({ type, object, resource }: ClusterChange): string =>
    `${String(object.resourceVersion)} ${type} ${resource.kind} ${object.key}`;

  it('makes about as many changes a second as asked', async () => {
    const changes = await changesOf({ churnPerSecond: 100, seconds: 10 });

    expect(changes.length).toBeGreaterThan(900);
    expect(changes.length).toBeLessThan(1200);
  });

  it('makes the same changes for the same seed', async () => {
    const one = await changesOf({ churnPerSecond: 50, seconds: 5 });
    const two = await changesOf({ churnPerSecond: 50, seconds: 5 });

    expect(one.map(told)).toEqual(two.map(told));
  });

  it('is mostly status updates, with everything else among it, and keeps the cluster its size', async () => {
    const changes = await changesOf({ churnPerSecond: 200, seconds: 20 });
    const count = (type: string, kind: string): number =>
      changes.filter((change) => change.type === type && change.resource.kind === kind).length;

    expect(count('MODIFIED', 'Pod') / changes.length).toBeGreaterThan(0.6);
    expect(count('MODIFIED', 'ConfigMap')).toBeGreaterThan(50);
    expect(count('ADDED', 'Pod')).toBeGreaterThan(100);
    expect(Math.abs(count('ADDED', 'Pod') - count('DELETED', 'Pod'))).toBeLessThanOrEqual(1);
    expect(count('ADDED', 'Event')).toBe(count('DELETED', 'Event'));
  });

  it('leaves objects that can be read, with the versions they were told under', async () => {
    const changes = await changesOf({ churnPerSecond: 200, seconds: 5 });

    let last = 0;
    for (const { object } of changes) {
      const parsed = JSON.parse(`{${object.tail.toString()}`) as JsonObject;
      expect(metadataOf(parsed)).toMatchObject({
        resourceVersion: String(object.resourceVersion),
        name: object.name,
      });
      expect(object.resourceVersion).toBeGreaterThan(last);
      last = object.resourceVersion;
    }
  });
});

describe('deleting an owner', () => {
  it('takes what it owns with it', async () => {
    const fleet = await start({ objectsPerCluster: 200 });
    const cluster = fleet.cluster('sim-1');
    const podsOf = (app: string): number =>
      cluster.list({ apiVersion: 'v1', kind: 'Pod' }).filter((pod) => {
        return (metadataOf(pod).labels as JsonObject).app === app;
      }).length;
    const [deployment] = cluster.list({ apiVersion: 'apps/v1', kind: 'Deployment' });
    const { name, namespace } = metadataOf(deployment!) as { name: string; namespace: string };
    const before = podsOf(name);

    cluster.delete({ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name });

    expect(before).toBe(6);
    expect(podsOf(name)).toBe(0);
    expect(podsOf('app-0001')).toBe(6);
  });
});
