/**
 * A simulated cluster that holds so many Pods and nothing else worth mentioning, and changes them
 * in turn as fast as its only watcher reads.
 */
import { type SimCluster, type StoredObject } from '@fairlead/cluster-sim';

type StoredObjectClass = new (parts: {
  key: string;
  resourceVersion: number;
  uid: string;
  ownerUid: string;
  tail: Buffer;
}) => StoredObject;

/** Changes made before anybody else in the process may run. */
const changesPerTurn = 250;
/** Changes that the watcher may be behind: far fewer than history keeps. */
const maxBehind = 2_000;
const resourceVersionMark = Buffer.from('"resourceVersion":"');
const changeMark = Buffer.from('"lastTransitionTime":"');

/** The cluster's Pods. */
export class PodCluster {
  readonly #cluster: SimCluster;
  #next = 0;

  constructor(cluster: SimCluster) {
    this.#cluster = cluster;
  }

  /**
   * Fills the cluster, which was seeded with a few Pods, up to `count` of them. Custom types go:
   * whoever follows those would be served objects that are no Pods.
   */
  fill(count: number): void {
    const { state } = this.#cluster;
    const definitions = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' };
    for (const { metadata } of this.#cluster.list(definitions)) {
      this.#cluster.delete({ ...definitions, name: (metadata as { name: string }).name });
    }
    const pods = this.#pods();
    const models = [...pods.store.objects()];
    const added: StoredObject[] = [];
    for (let index = 0; models.length + added.length < count; index += 1) {
      const model = models[index % models.length];
      if (model === undefined) throw new Error('the cluster has no Pods to copy');
      added.push(copyOf(model, { index, resourceVersion: state.nextResourceVersion() }));
    }
    for (const extra of models.splice(count)) {
      const { namespace, name } = extra;
      this.#cluster.delete({ apiVersion: 'v1', kind: 'Pod', namespace, name });
    }
    pods.store.load(added);
  }

  /** Changes `count` Pods, one after the other and each in its turn; waits for a slow watcher. */
  async change(count: number): Promise<{ readonly resourceVersion: string }> {
    const before = this.#cluster.stats.eventsServed;
    for (let done = 0; done < count;) {
      for (let turn = 0; turn < changesPerTurn && done < count; turn += 1, done += 1) {
        this.#changeNext();
      }
      await new Promise((resolve) => setImmediate(resolve));
      while (done - (this.#cluster.stats.eventsServed - before) > maxBehind) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    return { resourceVersion: this.#cluster.resourceVersion };
  }

  #changeNext(): void {
    const { state } = this.#cluster;
    const { type, store } = this.#pods();
    const previous = store.at(this.#next % store.size);
    if (previous === undefined) throw new Error('the cluster has no Pods');
    this.#next += 1;
    const object = changed(previous, state.nextResourceVersion());
    state.record(type, { type: 'MODIFIED', object, previous });
  }

  #pods() {
    const { state } = this.#cluster;
    const type = state.findKind('v1', 'Pod');
    if (type === undefined) throw new Error('Pods are not served');
    return { type, store: state.store(type) };
  }
}

function copyOf(
  model: StoredObject,
  { index, resourceVersion }: { index: number; resourceVersion: number },
): StoredObject {
  const name = `${model.name.slice(0, -5)}${index.toString(36).padStart(6, '0')}`;
  const uid = `${model.uid.slice(0, -12)}${index.toString(16).padStart(12, '0')}`;
  const text = model.tail.toString().replaceAll(model.uid, uid).replace(model.name, name);
  const tail = withResourceVersion(Buffer.from(text), resourceVersion);
  const key = `${model.namespace}/${name}`;
  return stored(model, { key, uid, ownerUid: model.ownerUid, resourceVersion, tail });
}

function changed(pod: StoredObject, resourceVersion: number): StoredObject {
  const tail = withResourceVersion(pod.tail, resourceVersion);
  const at = tail.lastIndexOf(changeMark);
  // A time that no other change has; its length stays.
  const time = new Date(resourceVersion * 1_000).toISOString().slice(0, 19);
  if (at >= 0) tail.write(time, at + changeMark.length, 'latin1');
  const { key, uid, ownerUid } = pod;
  return stored(pod, { key, uid, ownerUid, resourceVersion, tail });
}

/** Of a built-in type's metadata only name, namespace and uid stand before it. */
function withResourceVersion(tail: Buffer, resourceVersion: number): Buffer {
  const start = tail.indexOf(resourceVersionMark) + resourceVersionMark.length;
  const digits = Buffer.from(String(resourceVersion));
  return Buffer.concat([tail.subarray(0, start), digits, tail.subarray(tail.indexOf(0x22, start))]);
}

function stored(
  like: StoredObject,
  parts: ConstructorParameters<StoredObjectClass>[0],
): StoredObject {
  return new (like.constructor as StoredObjectClass)(parts);
}
