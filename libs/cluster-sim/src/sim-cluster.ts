// One simulated cluster as its owner sees it: an address for clients, and a door for tests that
// reads and changes objects directly, sets faults, and counts.
import { type ApiServerParts, answerRequest } from './api-server.ts';
import { type ClusterChange, ClusterState } from './cluster-state.ts';
import { type Clock, seededRandom } from './clock.ts';
import { EventPump, type PumpOptions, type PumpProgress } from './event-pump.ts';
import { FaultRules } from './fault-rules.ts';
import { Incidents } from './incidents.ts';
import { type JsonObject, objectAt, textAt } from './json-value.ts';
import { type AnswerFunction } from './node-http-server.ts';
import { createObject, deleteObject, requireObject, updateObject } from './object-writer.ts';
import { OpenAnswers } from './open-answers.ts';
import { patchObject, patchTypes } from './patching.ts';
import { ResourceHandler } from './resource-handler.ts';
import { ResourceReader } from './resource-reader.ts';
import { parseTarget } from './request-target.ts';
import { ServedCounts, type SimStats } from './served-counts.ts';
import { type ServedResource, storeNameOf } from './served-resource.ts';
import { streamingListsOf } from './server-version.ts';
import { StatusError } from './status-error.ts';
import { objectKey, readObject } from './stored-object.ts';

/** Names one object. */
export interface ObjectRef {
  /** Such as 'v1' or 'apps/v1'. */
  readonly apiVersion: string;
  /** Such as 'Pod'. */
  readonly kind: string;
  /** @defaultValue '' (cluster-scoped) */
  readonly namespace?: string;
  /** Its name. */
  readonly name: string;
}

/** How a simulated API server behaves. */
export interface SimClusterOptions {
  /** Time. */
  readonly clock: Clock;
  /** Chance: same seed, same uids and faults. */
  readonly seed: string;
  /** Events that each type keeps for watches; older ones are 410. @defaultValue 4096 */
  readonly historyEvents?: number;
  /** Bytes of objects in those events, per type. @defaultValue 16 MiB */
  readonly historyBytes?: number;
  /** Time between bookmarks in milliseconds. @defaultValue 60000, as the real server */
  readonly bookmarkIntervalMs?: number;
  /** How long a page token lives, in milliseconds. @defaultValue 300000: etcd's compaction */
  readonly continueTokenLifetimeMs?: number;
  /** How long a deleted pod on a node takes to end, in milliseconds. @defaultValue 200 */
  readonly podTerminationMs?: number;
  /** Whether watches take `sendInitialEvents`. @defaultValue true */
  readonly offersStreamingLists?: boolean;
  /** Whether answers above 128 KiB are compressed for clients that take it. @defaultValue true */
  readonly gzip?: boolean;
  /**
   * `gitVersion` of `/version`. Servers before v1.27 know neither streaming lists nor aggregated
   * discovery; types are the same in all. @defaultValue 'v1.34.2'
   */
  readonly gitVersion?: string;
}

/** Pumps whose progress can still be asked for. */
const REMEMBERED_PUMPS = 16;

/** A simulated cluster. */
export class SimCluster {
  /** Its name, also that of its kubeconfig context. */
  readonly name: string;
  /** What goes wrong on it; change at any time. */
  readonly faults: FaultRules;
  /** Group versions ('metrics.k8s.io/v1beta1') that discovery announces and nobody answers. */
  readonly unavailable = new Set<string>();
  /** The objects behind the door, for generators of load. */
  readonly state: ClusterState;
  /** Brings restarts, restores, compactions and the like upon it. */
  readonly incidents: Incidents;
  readonly #parts: ApiServerParts;
  readonly #answers = new OpenAnswers();
  readonly #lifetime = new AbortController();
  readonly #tokenListeners = new Set<() => void>();
  #tokens: ReadonlySet<string> | undefined;
  readonly #counts = new ServedCounts();
  readonly #pumps: EventPump[] = [];
  #url = '';
  #gitVersion: string;

  constructor(name: string, options: SimClusterOptions) {
    this.name = name;
    this.#gitVersion = options.gitVersion ?? 'v1.34.2';
    this.state = new ClusterState({
      clock: options.clock,
      random: seededRandom(`${options.seed}/objects`),
      history: {
        maxEvents: options.historyEvents ?? 4096,
        maxBytes: options.historyBytes ?? 16 * 1024 * 1024,
      },
      podTerminationMs: options.podTerminationMs ?? 200,
      signal: this.#lifetime.signal,
    });
    this.faults = new FaultRules(seededRandom(`${options.seed}/faults`), {
      nowMs: () => options.clock.nowMs(),
      // A watch on a server that lagged behind has more to tell now.
      onRemoved: () => this.state.wakeWatches(),
    });
    this.incidents = new Incidents({
      state: this.state,
      answers: this.#answers,
      unavailable: this.unavailable,
      setGitVersion: (gitVersion) => (this.#gitVersion = gitVersion),
      setTokens: (tokens) => this.setTokens(tokens),
      signal: this.#lifetime.signal,
    });
    this.#parts = {
      state: this.state,
      random: seededRandom(`${options.seed}/borders`),
      faults: this.faults,
      unavailable: this.unavailable,
      tokens: () => this.#tokens,
      gitVersion: () => this.#gitVersion,
      resources: new ResourceHandler(
        this.state,
        new ResourceReader(this.state, this.#counts, {
          bookmarkIntervalMs: options.bookmarkIntervalMs ?? 60_000,
          continueTokenLifetimeMs: options.continueTokenLifetimeMs ?? 300_000,
          streamingLists: () =>
            streamingListsOf(this.#gitVersion, options.offersStreamingLists ?? true),
          isInForce: (effect) => this.faults.isInForce(effect),
          gzip: options.gzip ?? true,
        }),
      ),
    };
  }

  /** Address of its API server; '' before it listens. */
  get url(): string {
    return this.#url;
  }

  /** What was served so far. */
  get stats(): SimStats {
    return this.#counts.snapshot();
  }

  /** The pumps that were started last, oldest first. */
  get pumps(): readonly PumpProgress[] {
    return this.#pumps.map(({ progress }) => progress);
  }

  /** Number of objects of all types. */
  get objectCount(): number {
    return this.state.objectCount;
  }

  /** The latest resourceVersion. */
  get resourceVersion(): string {
    return String(this.state.resourceVersion);
  }

  /** @internal Answers one request; for the HTTP server that carries this cluster. */
  readonly answer: AnswerFunction = (request, sink) => {
    if (this.incidents.isDown) {
      sink.destroy();
      return Promise.resolve();
    }
    this.#counts.countRequest(parseTarget(request.method, request.path, request.query));
    const out = this.#answers.pass(this.#counts.countBytes(sink));
    if (!this.#answers.isSilent) return answerRequest(this.#parts, request, out);
    // What is sent into silence arrives when it ends, if the client still waits then.
    return this.#answers
      .untilSpeaking(sink.closed)
      .then(() => (sink.closed.aborted ? undefined : answerRequest(this.#parts, request, out)));
  };

  /** Tells the cluster where it can be reached. */
  listensAt(url: string): void {
    this.#url = url;
  }

  /** Aborts when the cluster is stopped. */
  get lifetime(): AbortSignal {
    return this.#lifetime.signal;
  }

  /** From now on only these bearer tokens are let in; undefined lets everybody in. */
  setTokens(tokens: readonly string[] | undefined): void {
    this.#tokens = tokens === undefined ? undefined : new Set(tokens);
    for (const listener of this.#tokenListeners) listener();
  }

  /** Calls `listener` each time other tokens are let in; returns how to stop that. */
  observeTokens(listener: () => void): () => void {
    this.#tokenListeners.add(listener);
    return () => this.#tokenListeners.delete(listener);
  }

  /** Any of the accepted tokens; undefined when none is asked for. */
  get token(): string | undefined {
    return this.#tokens?.values().next().value;
  }

  /**
   * Creates an object as a client would, but keeps the status it comes with.
   *
   * @throws StatusError
   */
  create(object: JsonObject): JsonObject {
    const type = this.#typeOf(object);
    const namespace = textAt(objectAt(object, 'metadata'), 'namespace');
    const place = type.namespaced && namespace === '' ? 'default' : namespace;
    return readObject(
      type,
      createObject(this.state, type, object, { namespace: place, takesStatus: true }),
    );
  }

  /**
   * Replaces an object, its status included; without a resourceVersion it replaces what is there.
   *
   * @throws StatusError NotFound, or Conflict when it carries an old resourceVersion
   */
  update(object: JsonObject): JsonObject {
    const type = this.#typeOf(object);
    const metadata = objectAt(object, 'metadata');
    const namespace = textAt(metadata, 'namespace');
    const at = { namespace, name: textAt(metadata, 'name') };
    const current = objectAt(readObject(type, requireObject(this.state, type, at)), 'metadata');
    const resourceVersion = metadata?.resourceVersion ?? current?.resourceVersion;
    const received = { ...object, metadata: { ...metadata, resourceVersion } };
    const options = { ...at, takesStatus: true };
    return readObject(type, updateObject(this.state, type, received, options));
  }

  /**
   * Changes an object by JSON merge patch.
   *
   * @throws StatusError NotFound
   */
  patch(ref: ObjectRef, patch: JsonObject): JsonObject {
    const type = this.#typeOf(ref);
    const at = { namespace: ref.namespace ?? '', name: ref.name };
    const request = { contentType: patchTypes.merge, patch, takesStatus: true, ...at };
    return readObject(type, patchObject(this.state, type, request).stored);
  }

  /**
   * Deletes an object at once, its dependents too; with finalizers it stays until they go.
   *
   * @throws StatusError NotFound
   */
  delete(ref: ObjectRef): void {
    const type = this.#typeOf(ref);
    const at = { namespace: ref.namespace ?? '', name: ref.name };
    const stored = requireObject(this.state, type, at);
    deleteObject(this.state, type, stored, { gracePeriodSeconds: 0 });
  }

  /** Reads an object; undefined when it is not there. */
  get(ref: ObjectRef): JsonObject | undefined {
    const type = this.#typeOf(ref);
    const stored = this.state.store(type).get(objectKey(ref.namespace ?? '', ref.name));
    return stored === undefined ? undefined : readObject(type, stored);
  }

  /** Reads all objects of a kind, of one namespace or of all. */
  list(of: { apiVersion: string; kind: string; namespace?: string }): JsonObject[] {
    const type = this.#typeOf(of);
    return [...this.state.store(type).objects()]
      .filter((object) => of.namespace === undefined || object.namespace === of.namespace)
      .map((object) => readObject(type, object));
  }

  /**
   * Makes exactly so many MODIFIED events of a resource ('pods', 'deployments.apps'), turn by turn
   * over its objects, as fast as its watches read; settles when the last one is in their sockets.
   *
   * @throws RangeError when the resource is not served or has no objects
   */
  pump(options: PumpOptions & { readonly resource: string }): Promise<PumpProgress> {
    const type = this.state.types.find((each) => storeNameOf(each) === options.resource);
    if (type === undefined || this.state.store(type).size === 0) {
      return Promise.reject(new RangeError(`${this.name} has no ${options.resource}`));
    }
    const signals = [this.#lifetime.signal, ...(options.signal ? [options.signal] : [])];
    const pump = new EventPump(this.state, type, { ...options, signal: AbortSignal.any(signals) });
    this.#pumps.push(pump);
    if (this.#pumps.length > REMEMBERED_PUMPS) this.#pumps.shift();
    return pump.run();
  }

  /** Calls `observer` at every change; returns how to stop that. */
  observe(observer: (change: ClusterChange) => void): () => void {
    return this.state.observe(observer);
  }

  /** Forgets history: watches and pages from before are answered with 410. */
  compact(): void {
    this.state.compact();
  }

  /** Ends every watch in order, as a server that restarts does. */
  disconnectWatches(): void {
    this.state.disconnectWatches();
  }

  /** Ends what still happens by itself. */
  stop(): void {
    this.#lifetime.abort();
    this.disconnectWatches();
  }

  #typeOf(object: JsonObject | { apiVersion: string; kind: string }): ServedResource {
    const { apiVersion, kind } = object;
    const isNamed = typeof apiVersion === 'string' && typeof kind === 'string';
    const type = isNamed ? this.state.findKind(apiVersion, kind) : undefined;
    if (type !== undefined) return type;
    const what = isNamed ? `${kind} in ${apiVersion}` : 'without apiVersion and kind';
    throw new StatusError('NotFound', `no type ${what} is served by ${this.name}`);
  }
}
