// Everything that one simulated cluster knows: the types it serves, their objects, and the one
// counter that numbers all changes. It only keeps and numbers; what a write means is decided in
// `object-writer.ts`.
import { builtinResources } from './builtin-resources.ts';
import { type Clock, type Random } from './clock.ts';
import { type HistoryLimits, ObjectStore, type StoreEvent } from './object-store.ts';
import { apiVersionOf, type ServedResource, storeNameOf } from './served-resource.ts';
import { type ObjectList } from './sorted-objects.ts';
import { type StoredObject } from './stored-object.ts';

/** One change of a cluster, as told to observers in the moment it happens. */
export interface ClusterChange extends StoreEvent {
  /** The type of the object. */
  readonly resource: ServedResource;
  /** The clock at the change, in milliseconds. */
  readonly atMs: number;
}

/** What a cluster's state is made with. */
export interface ClusterStateOptions {
  /** Times of objects and tokens. */
  readonly clock: Clock;
  /** Uids and generated names. */
  readonly random: Random;
  /** History kept per type. */
  readonly history: HistoryLimits;
  /** How long a deleted pod on a node takes to end, in milliseconds. */
  readonly podTerminationMs: number;
  /** Ends what is still to happen. */
  readonly signal: AbortSignal;
}

/** A moment of a cluster that can come back. */
export interface ClusterMoment {
  /** The number of its latest change. */
  readonly resourceVersion: number;
  /** Served types by group, version and resource. */
  readonly types: ReadonlyMap<string, ServedResource>;
  /** Objects by store. */
  readonly objects: ReadonlyMap<string, ObjectList>;
}

/** The first resourceVersion of a new cluster; a real one is never at 0 either. */
const FIRST_RESOURCE_VERSION = 1000;

/** The state of one simulated cluster. */
export class ClusterState {
  /** Times. */
  readonly clock: Clock;
  /** Chance. */
  readonly random: Random;
  readonly #options: ClusterStateOptions;
  readonly #types = new Map<string, ServedResource>();
  readonly #stores = new Map<string, ObjectStore>();
  readonly #observers = new Set<(change: ClusterChange) => void>();
  #resourceVersion = FIRST_RESOURCE_VERSION;

  constructor(options: ClusterStateOptions) {
    this.clock = options.clock;
    this.random = options.random;
    this.#options = options;
    for (const type of builtinResources) this.serve(type);
  }

  /** The number of the latest change. */
  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  /** Every served type and version. */
  get types(): readonly ServedResource[] {
    return [...this.#types.values()];
  }

  /** Objects of all types. */
  get objectCount(): number {
    let count = 0;
    for (const store of this.#stores.values()) count += store.size;
    return count;
  }

  /** The time now as objects carry it: RFC 3339, whole seconds. */
  nowText(): string {
    return timeText(this.clock.nowMs());
  }

  /** The served type of a path; undefined when nothing is served there. */
  findType(group: string, version: string, resource: string): ServedResource | undefined {
    return this.#types.get(`${group}/${version}/${resource}`);
  }

  /** The served type of an object's apiVersion and kind. */
  findKind(apiVersion: string, kind: string): ServedResource | undefined {
    return this.types.find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
  }

  /** Starts to serve a type (or replaces how it is served). */
  serve(type: ServedResource): void {
    this.#types.set(`${type.group}/${type.version}/${type.resource}`, type);
    const name = storeNameOf(type);
    if (!this.#stores.has(name)) {
      this.#stores.set(name, this.#newStore());
    }
  }

  /** Stops serving one version of a type. */
  unserve(type: ServedResource): void {
    this.#types.delete(`${type.group}/${type.version}/${type.resource}`);
    this.store(type).disconnectWatches();
    const name = storeNameOf(type);
    if (!this.types.some((other) => storeNameOf(other) === name)) this.#stores.delete(name);
  }

  /** The objects of a served type. */
  store(type: ServedResource): ObjectStore {
    const store = this.#stores.get(storeNameOf(type));
    if (store === undefined) throw new Error(`nothing is stored for ${storeNameOf(type)}`);
    return store;
  }

  /** True when a namespace exists. */
  hasNamespace(name: string): boolean {
    return this.#stores.get('namespaces')?.get(name) !== undefined;
  }

  /** Takes the next number for a change that is about to be recorded. */
  nextResourceVersion(): number {
    return ++this.#resourceVersion;
  }

  /** Records a change that carries the latest number, and tells watches and observers. */
  record(resource: ServedResource, event: StoreEvent): StoredObject {
    this.store(resource).record(event);
    if (this.#observers.size > 0) {
      const change = { ...event, resource, atMs: this.clock.nowMs() };
      for (const observer of this.#observers) observer(change);
    }
    return event.object;
  }

  /** Calls `observer` at every change; returns how to stop that. */
  observe(observer: (change: ClusterChange) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Runs `action` when a pod that is being deleted has had its time. */
  afterTermination(action: () => void): void {
    const { podTerminationMs, signal } = this.#options;
    void this.clock.sleep(podTerminationMs, signal).then(() => {
      if (!signal.aborted) action();
    });
  }

  /** All objects and types as they are now, to come back to. */
  moment(): ClusterMoment {
    const objects = new Map([...this.#stores].map(([name, store]) => [name, store.objects()]));
    return { resourceVersion: this.#resourceVersion, types: new Map(this.#types), objects };
  }

  /**
   * Goes back to an earlier moment: its objects, its resourceVersion, no history; every watch ends.
   * Observers hear nothing of it.
   */
  restore(moment: ClusterMoment): void {
    this.#resourceVersion = moment.resourceVersion;
    this.#types.clear();
    for (const [path, type] of moment.types) this.#types.set(path, type);
    for (const [name, store] of this.#stores) {
      if (moment.objects.has(name)) continue;
      store.disconnectWatches();
      this.#stores.delete(name);
    }
    for (const [name, objects] of moment.objects) {
      const store = this.#stores.get(name) ?? this.#newStore();
      this.#stores.set(name, store);
      store.reset(objects, moment.resourceVersion);
    }
  }

  /** Makes every watch look again at what it may send. */
  wakeWatches(): void {
    for (const store of this.#stores.values()) store.wakeWatches();
  }

  #newStore(): ObjectStore {
    return new ObjectStore(this.#options.history, this.#resourceVersion);
  }

  /** Forgets the history of every type: older watches and list pages are answered with 410. */
  compact(): void {
    for (const store of this.#stores.values()) store.compact(this.#resourceVersion);
  }

  /** Ends every watch. */
  disconnectWatches(): void {
    for (const store of this.#stores.values()) store.disconnectWatches();
  }
}

/** RFC 3339 in whole seconds, as Kubernetes prints times. */
export function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
