// What a new cluster contains, exactly as many objects as asked for: namespaces, a node, a custom
// type, and then one application after another. Same seed, same bytes.
import { nextBelow, nextUid, type Random, seededRandom } from '../clock.ts';
import { type ClusterState } from '../cluster-state.ts';
import { createObject } from '../object-writer.ts';
import { type ServedResource } from '../served-resource.ts';
import { StoredObject } from '../stored-object.ts';
import { compileTemplate, type ObjectTemplate, type TemplateValues } from './object-template.ts';
import * as other from './other-models.ts';
import * as workload from './workload-models.ts';

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
const LOAD_OWNER_UID = '00000000-0000-4000-8000-00000000006c';

type Model = keyof typeof models;
const models = {
  pods: ['', workload.podModel],
  services: ['', other.serviceModel],
  configmaps: ['', other.configMapModel],
  secrets: ['', other.secretModel],
  events: ['', other.eventModel],
  namespaces: ['', other.namespaceModel],
  nodes: ['', other.nodeModel],
  deployments: ['apps', workload.deploymentModel],
  replicasets: ['apps', workload.replicaSetModel],
  jobs: ['batch', other.jobModel],
  cronjobs: ['batch', other.cronJobModel],
  ingresses: ['networking.k8s.io', other.ingressModel],
  clusterroles: ['rbac.authorization.k8s.io', other.clusterRoleModel],
} as const;

/** Fills a new cluster. */
export function seedObjects(state: ClusterState, options: SeedOptions): ObjectFactory {
  const seeder = new Seeder(state, options);
  seeder.fill();
  return seeder;
}

class Seeder implements ObjectFactory {
  readonly #state: ClusterState;
  readonly #options: SeedOptions;
  readonly #templates = new Map<string, { type: ServedResource; make: ObjectTemplate }>();
  readonly #loads = new Map<ServedResource, StoredObject[]>();
  #count = 0;

  constructor(state: ClusterState, options: SeedOptions) {
    this.#state = state;
    this.#options = options;
    for (const [resource, [group, model]] of Object.entries(models)) {
      const type = state.findType(group, 'v1', resource);
      if (type === undefined) throw new Error(`${resource} are not served`);
      this.#templates.set(resource, { type, make: compileTemplate(type, model) });
    }
  }

  fill(): void {
    this.#addNamespaces();
    if (this.#hasRoom) this.#addCustomType();
    if (this.#hasRoom) this.#add('nodes', { name: 'node-0', ip: '0.0' });
    if (this.#hasRoom) this.#add('clusterroles', { name: 'view-everything' });
    for (let index = 0; this.#hasRoom; index++) this.#addApplication(index);
    for (let index = 0; index < this.#options.pods; index++) this.#addFurtherPod(index);
    this.#load();
  }

  makePod(replicaSet: StoredObject): StoredObject {
    const { namespace, name: owner } = replicaSet;
    const { app = owner, 'pod-template-hash': hash = '' } = replicaSet.labels;
    return this.#make('pods', {
      ...this.#podValues(owner),
      namespace,
      app,
      hash,
      ownerUid: replicaSet.uid,
    });
  }

  makeEvent(pod: StoredObject): StoredObject {
    const { namespace, name, uid } = pod;
    return this.#make('events', this.#eventValues({ namespace, name, uid }));
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
    createObject(this.#state, definitions, other.cronTabDefinition, { namespace: '' });
    this.#count++;
    const type = this.#state.findKind('stable.example.com/v1', 'CronTab');
    if (type === undefined) throw new Error('the custom type is not served');
    const make = compileTemplate(type, other.cronTabModel);
    this.#templates.set('crontabs', {
      type,
      make: (values) => withInt64(make(values)),
    });
  }

  #addApplication(index: number): void {
    const namespace = namespaceName(index % Math.max(1, this.#namespaceCount));
    const app = `app-${String(index).padStart(4, '0')}`;
    const common = { namespace, app, tag: `1.${nextBelow(this.#options.random, 40)}.0` };
    const add = (model: Model | 'crontabs', values: Partial<TemplateValues>): string | undefined =>
      this.#hasRoom ? this.#add(model, { ...common, ...values }).uid : undefined;
    const deployment = add('deployments', { name: app });
    const hash = nextUid(this.#options.random).slice(0, 8);
    const owner = `${app}-${hash}`;
    const replicaSet = add('replicasets', { name: owner, owner: app, ownerUid: deployment, hash });
    let lastPod: { name: string; uid: string } | undefined;
    for (let pod = 0; pod < PODS_PER_APPLICATION; pod++) {
      const values = { ...this.#podValues(owner), ownerUid: replicaSet, hash };
      const uid = add('pods', values);
      if (uid !== undefined) lastPod = { name: values.name, uid };
    }
    add('services', { name: app, ip: this.#ip() });
    add('configmaps', { name: `${app}-config` });
    add('secrets', { name: `${app}-credentials`, ...this.#credentials(app) });
    if (lastPod !== undefined) add('events', this.#eventValues({ namespace, ...lastPod }));
    if (index % 2 === 0) add('ingresses', { name: app });
    if (index % 4 === 0) {
      const cronJob = add('cronjobs', { name: `${app}-nightly` });
      add('jobs', { name: `${app}-nightly-1`, owner: `${app}-nightly`, ownerUid: cronJob });
    }
    if (index % 3 === 0) add('crontabs', { name: `${app}-tab` });
  }

  /** Load without meaning: names in order, an application for each hundred. */
  #addFurtherPod(index: number): void {
    const count = this.#namespaceCount;
    const group = Math.floor(index / PODS_PER_LOAD_GROUP);
    const namespace = count === 0 ? 'default' : namespaceName(group % count);
    const app = `load-${String(group).padStart(4, '0')}`;
    const owner = `${app}-5d8f9c7b6d`;
    this.#add('pods', {
      ...this.#podValues(owner),
      name: `${owner}-${String(index % PODS_PER_LOAD_GROUP).padStart(5, '0')}`,
      namespace,
      app,
      tag: '1.0.0',
      hash: '5d8f9c7b6d',
      ownerUid: LOAD_OWNER_UID,
    });
  }

  #podValues(owner: string): { name: string; owner: string; node: string; ip: string } {
    const suffix = nextUid(this.#options.random).slice(0, 5);
    return { name: `${owner}-${suffix}`, owner, node: 'node-0', ip: this.#ip() };
  }

  #eventValues(pod: { namespace: string; name: string; uid: string }): TemplateValues {
    const name = `${pod.name}.${nextUid(this.#options.random).slice(0, 8)}`;
    const { namespace } = pod;
    return { ...emptyValues, namespace, name, pod: pod.name, podUid: pod.uid, node: 'node-0' };
  }

  #credentials(app: string): { password: string; username: string } {
    const encode = (text: string): string => Buffer.from(text).toString('base64');
    return { password: encode(this.#options.canary), username: encode(`user-of-${app}`) };
  }

  #ip(): string {
    const { random } = this.#options;
    return `${nextBelow(random, 256)}.${nextBelow(random, 256)}`;
  }

  #add(model: Model | 'crontabs', values: Partial<TemplateValues>): StoredObject {
    const object = this.#make(model, values);
    const { type } = this.#templates.get(model) as { type: ServedResource };
    const objects = this.#loads.get(type) ?? [];
    if (objects.length === 0) this.#loads.set(type, objects);
    objects.push(object);
    this.#count++;
    return object;
  }

  #make(model: Model | 'crontabs', values: Partial<TemplateValues>): StoredObject {
    const { make } = this.#templates.get(model) as { make: ObjectTemplate };
    return make({
      ...emptyValues,
      uid: nextUid(this.#options.random),
      ...values,
      ...(values.uid === '' ? { uid: nextUid(this.#options.random) } : {}),
      resourceVersion: this.#state.nextResourceVersion(),
    });
  }

  #load(): void {
    for (const [type, objects] of this.#loads) this.#state.store(type).load(objects);
    this.#loads.clear();
  }
}

const emptyValues: TemplateValues = { name: '', namespace: '', uid: '', resourceVersion: 0 };

function namespaceName(index: number): string {
  return `team-${String(index).padStart(2, '0')}`;
}

/** A number that a double cannot hold goes in as text: models are plain JSON. */
function withInt64(object: StoredObject): StoredObject {
  const tail = Buffer.from(object.tail.toString().replace('"@@int64@@"', '9007199254740993'));
  const { key, uid, ownerUid, resourceVersion } = object;
  return new StoredObject({ key, uid, ownerUid, resourceVersion, tail });
}
