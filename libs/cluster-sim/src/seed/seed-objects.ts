// What a new cluster contains, exactly as many objects as asked for: namespaces, a node, a custom
// type, and then one application after another. Same seed, same bytes.
import { nextBelow, nextUid, type Random, seededRandom } from '../clock.ts';
import { type ClusterState } from '../cluster-state.ts';
import { createObject } from '../object-writer.ts';
import { type ServedResource } from '../served-resource.ts';
import { type StoredObject } from '../stored-object.ts';
import { type CommonValues, type OwnValues } from './object-template.ts';
import { cronTabDefinition } from './other-models.ts';
import { createSeedTemplates, type SeededResource, type SeedTemplates } from './templates.ts';

/** What the seeded objects are to be. */
export interface SeedOptions {
  /** Objects in all, `pods` apart; at least the four namespaces of every cluster are made. */
  readonly objects: number;
  /** Pods besides, of ReplicaSets that are not there. */
  readonly pods: number;
  /** Chance. */
  readonly random: Random;
  /** Decides the uid of kube-system, by which a cluster is known. */
  readonly identity: string;
  /** The value of every Secret's `password`, before base64. */
  readonly canary: string;
  /** How objects are made. @defaultValue templates of its own */
  readonly templates?: SeedTemplates;
  /** Number of namespaces that applications are spread over. */
  readonly namespaces: number;
}

/** Makes the objects of applications: at the start, and later for churn. */
export interface ObjectFactory {
  /** One more Pod of an existing ReplicaSet, under the next resourceVersion. */
  makePod(replicaSet: StoredObject): StoredObject;
  /** An Event about a Pod, under the next resourceVersion. */
  makeEvent(pod: StoredObject): StoredObject;
}

/** Pods of an application. */
const PODS_PER_APPLICATION = 6;
/** Pods of an application that is only there to be many. */
const PODS_PER_LOAD_GROUP = 100;
const LOAD_HASH = '5d8f9c7b6d';
const LOAD_OWNER_UID = '00000000-0000-4000-8000-00000000006c';

/** Fills a new cluster. */
export function seedObjects(state: ClusterState, options: SeedOptions): ObjectFactory {
  const seeder = new Seeder(state, options);
  seeder.fill();
  return seeder;
}

class Seeder implements ObjectFactory {
  readonly #state: ClusterState;
  readonly #options: SeedOptions;
  readonly #templates: SeedTemplates;
  readonly #loads = new Map<ServedResource, StoredObject[]>();
  #count = 0;

  constructor(state: ClusterState, options: SeedOptions) {
    this.#state = state;
    this.#options = options;
    this.#templates = options.templates ?? createSeedTemplates();
  }

  fill(): void {
    this.#addNamespaces();
    if (this.#hasRoom) this.#addCustomType();
    if (this.#hasRoom) this.#add('nodes', { name: 'node-0', ip: '0.0' });
    if (this.#hasRoom) this.#add('clusterroles', { name: 'view-everything' });
    for (let index = 0; this.#hasRoom; index++) this.#addApplication(index);
    this.#addFurtherPods();
    this.#load();
  }

  makePod(replicaSet: StoredObject): StoredObject {
    const { namespace, name: owner, uid: ownerUid } = replicaSet;
    const { app = owner, 'pod-template-hash': hash = '' } = replicaSet.labels;
    const common = { namespace, app, hash, owner, ownerUid, node: NODE, tag: '' };
    return this.#make('pods', this.#podOf(owner), common);
  }

  makeEvent(pod: StoredObject): StoredObject {
    return this.#make('events', ...this.#eventAbout(pod));
  }

  get #hasRoom(): boolean {
    return this.#count < this.#options.objects;
  }

  #addNamespaces(): void {
    const uid = nextUid(seededRandom(this.#options.identity));
    this.#add('namespaces', { name: 'kube-system', uid });
    for (const name of ['default', 'kube-node-lease', 'kube-public'])
      this.#add('namespaces', { name });
    for (let index = 0; index < this.#namespaceCount; index++) {
      if (this.#hasRoom) this.#add('namespaces', { name: namespaceName(index) });
    }
    this.#load();
  }

  /** Few objects are not spread over many namespaces. */
  get #namespaceCount(): number {
    return Math.min(this.#options.namespaces, Math.ceil(this.#options.objects / 20));
  }

  #addCustomType(): void {
    const definitions = this.#state.findKind('apiextensions.k8s.io/v1', 'CustomResourceDefinition');
    if (definitions === undefined) throw new Error('definitions are not served');
    createObject(this.#state, definitions, cronTabDefinition, { namespace: '' });
    this.#count++;
  }

  #addApplication(index: number): void {
    const namespace = namespaceName(index % Math.max(1, this.#namespaceCount));
    const app = `app-${String(index).padStart(4, '0')}`;
    const common = { namespace, app, tag: `1.${nextBelow(this.#options.random, 40)}.0` };
    const add = (
      resource: SeededResource,
      own: Own,
      values: CommonValues = {},
    ): StoredObject | undefined =>
      this.#hasRoom ? this.#add(resource, own, { ...common, ...values }) : undefined;
    const ownerUid = add('deployments', { name: app })?.uid;
    const lastPod = this.#addReplicas(common, ownerUid);
    add('services', { name: app, ip: this.#ip() });
    add('configmaps', { name: `${app}-config` });
    add('secrets', { name: `${app}-credentials` }, this.#credentials(app));
    if (lastPod !== undefined && this.#hasRoom) this.#add('events', ...this.#eventAbout(lastPod));
    if (index % 2 === 0) add('ingresses', { name: app });
    if (index % 4 === 0) {
      const owner = `${app}-nightly`;
      const cronJob = add('cronjobs', { name: owner });
      add('jobs', { name: `${owner}-1` }, { owner, ownerUid: cronJob?.uid });
    }
    if (index % 3 === 0) add('crontabs', { name: `${app}-tab` });
  }

  /** A ReplicaSet and its pods; the last pod that there was room for. */
  #addReplicas(
    application: { namespace: string; app: string; tag: string },
    deploymentUid: string | undefined,
  ): StoredObject | undefined {
    const { app } = application;
    const hash = nextUid(this.#options.random).slice(0, 8);
    const owner = `${app}-${hash}`;
    const owned = { ...application, owner: app, ownerUid: deploymentUid, hash };
    const replicaSet = this.#hasRoom ? this.#add('replicasets', { name: owner }, owned) : undefined;
    const common = { ...application, owner, ownerUid: replicaSet?.uid, hash, node: NODE };
    let last: StoredObject | undefined;
    for (let pod = 0; pod < PODS_PER_APPLICATION; pod++) {
      const own = this.#podOf(owner);
      if (this.#hasRoom) last = this.#add('pods', own, common);
    }
    return last;
  }

  /** Load without meaning: names in order, an application for each hundred. */
  #addFurtherPods(): void {
    const { pods } = this.#options;
    for (let group = 0; group * PODS_PER_LOAD_GROUP < pods; group++) {
      const count = this.#namespaceCount;
      const namespace = count === 0 ? 'default' : namespaceName(group % count);
      const app = `load-${String(group).padStart(4, '0')}`;
      const owner = `${app}-${LOAD_HASH}`;
      const own = { namespace, app, owner, ownerUid: LOAD_OWNER_UID };
      const common = { ...own, hash: LOAD_HASH, node: NODE, tag: '1.0.0' };
      const size = Math.min(PODS_PER_LOAD_GROUP, pods - group * PODS_PER_LOAD_GROUP);
      for (let index = 0; index < size; index++) {
        const name = `${owner}-${String(index).padStart(5, '0')}`;
        this.#add('pods', { name, ip: this.#ip() }, common);
      }
    }
  }

  #podOf(owner: string): { name: string; ip: string } {
    const suffix = nextUid(this.#options.random).slice(0, 5);
    return { name: `${owner}-${suffix}`, ip: this.#ip() };
  }

  #eventAbout(pod: StoredObject): [Own, CommonValues] {
    const { namespace, name, uid: podUid } = pod;
    const suffix = nextUid(this.#options.random).slice(0, 8);
    return [{ name: `${name}.${suffix}` }, { namespace, pod: name, podUid, node: NODE }];
  }

  #credentials(app: string): { password: string; username: string } {
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    return { password: encode(this.#options.canary), username: encode(`user-of-${app}`) };
  }

  #ip(): string {
    const { random } = this.#options;
    return `${nextBelow(random, 256)}.${nextBelow(random, 256)}`;
  }

  #add(resource: SeededResource, own: Own, common: CommonValues = {}): StoredObject {
    const object = this.#make(resource, own, common);
    const type = this.#state.findType(this.#templates[resource].group, 'v1', resource);
    if (type === undefined) throw new Error(`${resource} are not served`);
    const objects = this.#loads.get(type) ?? [];
    if (objects.length === 0) this.#loads.set(type, objects);
    objects.push(object);
    this.#count++;
    return object;
  }

  #make(resource: SeededResource, own: Own, common: CommonValues): StoredObject {
    const { name, ip = '', uid = nextUid(this.#options.random) } = own;
    const resourceVersion = this.#state.nextResourceVersion();
    return this.#templates[resource].template.make({ name, ip, uid, resourceVersion }, common);
  }

  #load(): void {
    for (const [type, objects] of this.#loads) this.#state.store(type).load(objects);
    this.#loads.clear();
  }
}

/** The one node that every pod runs on. */
const NODE = 'node-0';

/** What an object has for itself; a uid is made up when none is given. */
type Own = Pick<OwnValues, 'name'> & Partial<Pick<OwnValues, 'ip' | 'uid'>>;

function namespaceName(index: number): string {
  return `team-${String(index).padStart(2, '0')}`;
}
