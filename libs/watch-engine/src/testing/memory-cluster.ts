/**
 * An API server in memory for tests: aggregated discovery, lists in pages that hold their snapshot,
 * watches from any resourceVersion that was not compacted, bookmarks, streaming lists. What it
 * answers is bytes of JSON, and a test may step in before it does.
 */
import type { ClusterApi, ClusterApiRequest, ClusterApiResponse } from '../cluster-api.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import {
  MemoryBody,
  memoryResponse,
  statusObject,
  statusResponse,
  wholeResponse,
} from './memory-response.ts';

/** An object of the cluster. */
export interface ClusterObject {
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** Kind of its type. */
  readonly kind: string;
  /** Who it is and in which version. */
  readonly metadata: {
    /** Unique in its type and namespace. */
    readonly name: string;
    /** Absent from a cluster-scoped one. */
    readonly namespace?: string;
    /** Another one for each object that ever had the name. */
    readonly uid: string;
    /** The cluster's counter at its last change. */
    readonly resourceVersion: string;
    /** As the test gave them. */
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** What a test says of an object. */
export interface ObjectDraft {
  /** Unique in its type and namespace. */
  readonly name: string;
  /** '' for a cluster-scoped one. @defaultValue 'default', or '' by the type */
  readonly namespace?: string;
  /** Its annotations. @defaultValue none */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Further members, such as `spec`. */
  readonly rest?: Readonly<Record<string, unknown>>;
}

interface HistoryEvent {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ClusterObject;
}

/** One type with its objects; {@link MemoryCluster} owns it. */
interface Collection {
  readonly type: ResourceType;
  readonly objects: Map<string, ClusterObject>;
  history: HistoryEvent[];
  /** Watches from before this version are told 410. */
  oldest: number;
}

interface OpenWatch {
  readonly collection: Collection;
  readonly namespace: string;
  /** Only what is newer than this is sent. */
  readonly since: number;
  readonly body: MemoryBody;
}

/** The state of a cluster at one moment, as an etcd backup holds it. */
export interface ClusterBackup {
  /** The counter of changes at that moment. */
  readonly version: number;
  /** @internal Objects by type. */
  readonly collections: ReadonlyMap<string, Collection>;
}

/** Steps in before an answer; undefined lets the cluster answer. */
export type Interceptor = (
  request: ClusterApiRequest,
) => ClusterApiResponse | Promise<ClusterApiResponse> | undefined;

/** The core group's pods. */
export const PODS: ResourceType = Object.freeze({
  group: '',
  version: 'v1',
  resource: 'pods',
  kind: 'Pod',
  namespaced: true,
});

/** A cluster in memory. */
export class MemoryCluster implements ClusterApi {
  /** Every request so far, in order. */
  readonly requests: ClusterApiRequest[] = [];
  /** uid of its `kube-system`. */
  uid = 'cluster-1';
  /** How often new credentials were asked for. */
  reloads = 0;
  /** Whether `sendInitialEvents` is understood; else it is refused as by servers without it. */
  streamsLists = true;
  /** Whether watches are told of progress; else there are no bookmarks. */
  sendsBookmarks = true;
  /** Groups that discovery marks as stale. */
  staleGroups: readonly string[] = [];
  /** Steps in before an answer. @defaultValue never */
  intercept: Interceptor = () => undefined;
  readonly #collections = new Map<string, Collection>();
  readonly #snapshots = new Map<
    string,
    { readonly version: number; readonly rest: ClusterObject[] }
  >();
  #watches: OpenWatch[] = [];
  #version = 100;
  #isOpen = false;
  #isGarbling = false;
  #lastUid = 0;

  constructor(types: readonly ResourceType[] = [PODS]) {
    for (const type of types) this.serve(type);
    this.#isOpen = true;
  }

  /** resourceVersion of the newest change. */
  get version(): string {
    return String(this.#version);
  }

  /** Watches under way. */
  get openWatches(): number {
    return this.#live().length;
  }

  /** Begins to serve a type, or serves it in another version from now on. */
  serve(type: ResourceType): void {
    const key = keyOf(type);
    const before = this.#collections.get(key);
    if (before?.type.version === type.version) return;
    for (const watch of this.#live()) if (watch.collection === before) watch.body.close();
    // A type that is served anew keeps nothing of what was before.
    const oldest = this.#isOpen ? this.#version : 0;
    const objects = before?.objects ?? new Map<string, ClusterObject>();
    this.#collections.set(key, { type, objects, history: [], oldest });
  }

  /** Serves a type no more: its watches end, its paths answer 404. */
  withdraw(type: ResourceType): void {
    // Each object is deleted with its type, and so is the definition.
    this.#version += this.objects(type).size + 1;
    const before = this.#collections.get(keyOf(type));
    this.#collections.delete(keyOf(type));
    for (const watch of this.#live()) if (watch.collection === before) watch.body.close();
  }

  /** Whether a type is served. */
  serves(type: ResourceType): boolean {
    return this.#collections.has(keyOf(type));
  }

  /** Objects of a type by `namespace/name` (`name` if cluster-scoped). */
  objects(type: ResourceType): ReadonlyMap<string, ClusterObject> {
    return this.#collections.get(keyOf(type))?.objects ?? new Map();
  }

  /** Creates or changes an object. */
  apply(type: ResourceType, draft: ObjectDraft): ClusterObject {
    const collection = this.#collectionOf(type);
    const namespace = type.namespaced ? (draft.namespace ?? 'default') : '';
    const id = namespace === '' ? draft.name : `${namespace}/${draft.name}`;
    const before = collection.objects.get(id);
    const object: ClusterObject = {
      apiVersion: apiVersionOf(type),
      kind: type.kind,
      metadata: {
        name: draft.name,
        ...(namespace === '' ? {} : { namespace }),
        uid: before?.metadata.uid ?? `uid-${(this.#lastUid += 1)}`,
        resourceVersion: String((this.#version += 1)),
        ...(draft.annotations === undefined ? {} : { annotations: draft.annotations }),
      },
      ...draft.rest,
    };
    collection.objects.set(id, object);
    this.#publish(collection, before === undefined ? 'ADDED' : 'MODIFIED', object);
    return object;
  }

  /** Deletes an object, if it is there. */
  delete(type: ResourceType, id: string): void {
    const collection = this.#collectionOf(type);
    const before = collection.objects.get(id);
    if (before === undefined) return;
    collection.objects.delete(id);
    const metadata = { ...before.metadata, resourceVersion: String((this.#version += 1)) };
    this.#publish(collection, 'DELETED', { ...before, metadata });
  }

  /** Forgets all history and page tokens: what is older gets 410. */
  compact(): void {
    for (const collection of this.#collections.values()) {
      collection.history = [];
      collection.oldest = this.#version;
    }
  }

  /** Sends a bookmark on every watch; none on those from its future, as kube-apiserver does. */
  bookmark(): void {
    if (!this.sendsBookmarks) return;
    for (const { body, collection, since } of this.#live()) {
      if (since <= this.#version) body.write(bookmarkOf(collection.type, this.version));
    }
  }

  /** The next change arrives as a line that nobody can read; asked for again, it is whole. */
  garbleNextEvent(): void {
    this.#isGarbling = true;
  }

  /** Ends every connection; afterwards watches can only begin at what is there now. */
  restart(): void {
    this.eachWatch((body) => body.break());
    this.compact();
  }

  /** So many changes to what nobody here follows. */
  changeElsewhere(changes: number): void {
    this.#version += changes;
  }

  /** What an etcd backup taken now would hold. */
  backup(): ClusterBackup {
    return { version: this.#version, collections: copyOf(this.#collections) };
  }

  /** The API server comes back with the state of a backup, and counts on from there. */
  restore(backup: ClusterBackup): void {
    this.eachWatch((body) => body.break());
    this.#version = backup.version;
    this.#collections.clear();
    for (const [key, collection] of copyOf(backup.collections)) {
      this.#collections.set(key, collection);
    }
    this.#snapshots.clear();
    this.compact();
  }

  /** Does something to every open watch. */
  eachWatch(act: (body: MemoryBody) => void): void {
    for (const { body } of this.#live()) act(body);
  }

  reloadCredentials(): Promise<void> {
    this.reloads += 1;
    return Promise.resolve();
  }

  async request(request: ClusterApiRequest): Promise<ClusterApiResponse> {
    this.requests.push(request);
    return (await this.intercept(request)) ?? this.answer(request);
  }

  /** What the cluster itself says, for interceptors that change it on the way. */
  answer(request: ClusterApiRequest): ClusterApiResponse {
    if (request.path === '/api' || request.path === '/apis') return this.#discovery(request.path);
    if (isPositionRequest(request)) return this.#position();
    const found = this.#find(request.path);
    if (found === undefined) return statusResponse(404, 'NotFound');
    const query = request.query ?? {};
    return query.watch === 'true'
      ? this.#watch(found, { query, signal: request.signal })
      : this.#list(found, query);
  }

  /** The list of `kube-system` alone, which every cluster has. */
  #position(): ClusterApiResponse {
    const metadata = { name: 'kube-system', uid: this.uid, resourceVersion: '1' };
    return wholeResponse(200, {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: this.version },
      items: [{ metadata }],
    });
  }

  #discovery(root: '/api' | '/apis'): ClusterApiResponse {
    const groups = new Map<string, ResourceType[]>();
    for (const { type } of this.#collections.values()) {
      if ((type.group === '') !== (root === '/api')) continue;
      groups.set(type.group, [...(groups.get(type.group) ?? []), type]);
    }
    const items = [...groups].map(([name, types]) => ({
      metadata: { name },
      versions: [...new Set(types.map(({ version }) => version))].map((version) => ({
        version,
        freshness: this.staleGroups.includes(name) ? 'Stale' : 'Current',
        resources: types.filter((type) => type.version === version).map(discoveryOf),
      })),
    }));
    return wholeResponse(200, { kind: 'APIGroupDiscoveryList', items });
  }

  #find(path: string): { readonly collection: Collection; readonly namespace: string } | undefined {
    const match = /^\/(?:api|apis\/([^/]+))\/([^/]+)(?:\/namespaces\/([^/]+))?\/([^/]+)$/.exec(
      path,
    );
    const [, group = '', version, namespace = '', resource] = match ?? [];
    const collection = this.#collections.get(`${group}/${resource ?? ''}`);
    return collection?.type.version === version && collection !== undefined
      ? { collection, namespace }
      : undefined;
  }

  #list(
    at: { readonly collection: Collection; readonly namespace: string },
    query: Readonly<Record<string, string>>,
  ): ClusterApiResponse {
    if (this.#isTooNew(query)) return tooLargeResourceVersion();
    const { type, objects } = at.collection;
    const token = query.continue ?? '';
    const all = [...objects.values()].filter((object) => isIn(object, at.namespace));
    const snapshot =
      token === '' ? { version: this.#version, rest: all } : this.#snapshots.get(token);
    if (snapshot === undefined || snapshot.version < at.collection.oldest) {
      return statusResponse(410, 'Expired');
    }
    const limit = Number(query.limit ?? snapshot.rest.length);
    const page = snapshot.rest.slice(0, limit);
    const rest = snapshot.rest.slice(limit);
    const next =
      rest.length === 0 ? '' : `${snapshot.version}-${rest.length}-${this.requests.length}`;
    if (next !== '') this.#snapshots.set(next, { version: snapshot.version, rest });
    return wholeResponse(200, {
      kind: `${type.kind}List`,
      apiVersion: apiVersionOf(type),
      metadata: { resourceVersion: String(snapshot.version), continue: next },
      items: page.map(({ apiVersion: _, kind: __, ...object }) => object),
    });
  }

  #watch(
    at: { readonly collection: Collection; readonly namespace: string },
    request: {
      readonly query: Readonly<Record<string, string>>;
      readonly signal: AbortSignal | undefined;
    },
  ): ClusterApiResponse {
    const { collection, namespace } = at;
    const streams = request.query.sendInitialEvents === 'true';
    if (streams && !this.streamsLists) return statusResponse(422, 'Invalid');
    if (streams && this.#isTooNew(request.query)) return tooLargeResourceVersion();
    const since = streams ? 0 : Number(request.query.resourceVersion ?? '0');
    if (!streams && since < collection.oldest) return statusResponse(410, 'Expired');
    const body = new MemoryBody(request.signal);
    if (streams) {
      for (const object of collection.objects.values()) {
        if (isIn(object, namespace)) body.write({ type: 'ADDED', object });
      }
      body.write(
        bookmarkOf(collection.type, this.version, { 'k8s.io/initial-events-end': 'true' }),
      );
    } else {
      for (const event of collection.history) {
        if (event.version > since && isIn(event.object, namespace)) body.write(lineOf(event));
      }
    }
    this.#watches = [...this.#live(), { collection, namespace, since, body }];
    return memoryResponse(200, body);
  }

  #publish(collection: Collection, type: HistoryEvent['type'], object: ClusterObject): void {
    const event = { version: this.#version, type, object };
    collection.history.push(event);
    const line = this.#isGarbling ? GARBLED : lineOf(event);
    this.#isGarbling = false;
    for (const watch of this.#live()) {
      const isMeant = watch.collection === collection && isIn(object, watch.namespace);
      if (isMeant && event.version > watch.since) {
        watch.body.write(line);
      }
    }
  }

  /** The answer may not be older than what the server has not reached. */
  #isTooNew({ resourceVersion = '0' }: Readonly<Record<string, string>>): boolean {
    return Number(resourceVersion) > this.#version;
  }

  #live(): OpenWatch[] {
    this.#watches = this.#watches.filter(({ body }) => !body.isOver);
    return this.#watches;
  }

  #collectionOf(type: ResourceType): Collection {
    const collection = this.#collections.get(keyOf(type));
    if (collection === undefined) throw new Error(`${type.resource} is not served`);
    return collection;
  }
}

/** An ERROR event as the server sends it in a watch. */
export function errorEvent(code: number, reason: string): object {
  return { type: 'ERROR', object: statusObject(code, reason) };
}

function keyOf(type: ResourceType): string {
  return `${type.group}/${type.resource}`;
}

const GARBLED = '{"type":"MODIFIED","object":{"kind":\n';

function copyOf(collections: ReadonlyMap<string, Collection>): Map<string, Collection> {
  return new Map(
    [...collections].map(([key, { type, objects, oldest }]) => [
      key,
      { type, objects: new Map(objects), history: [], oldest },
    ]),
  );
}

function tooLargeResourceVersion(): ClusterApiResponse {
  return wholeResponse(504, statusObject(504, 'Timeout', 'Too large resource version'));
}

/** Asks where the server is, rather than for objects. */
export function isPositionRequest({ path, query }: ClusterApiRequest): boolean {
  return path === '/api/v1/namespaces' && query?.fieldSelector === 'metadata.name=kube-system';
}

function isIn(object: ClusterObject, namespace: string): boolean {
  return namespace === '' || object.metadata.namespace === namespace;
}

function lineOf(event: HistoryEvent): object {
  return { type: event.type, object: event.object };
}

function bookmarkOf(
  type: ResourceType,
  resourceVersion: string,
  annotations?: Readonly<Record<string, string>>,
): object {
  const metadata = { resourceVersion, ...(annotations === undefined ? {} : { annotations }) };
  return {
    type: 'BOOKMARK',
    object: { kind: type.kind, apiVersion: apiVersionOf(type), metadata },
  };
}

function discoveryOf(type: ResourceType): object {
  return {
    resource: type.resource,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    verbs: ['get', 'list', 'watch'],
  };
}
