// Answers a WATCH. The connection has no queue of its own: it remembers how far in the store's
// history it has come, and writes on when its reader has room. A reader so slow that history has
// moved past it is disconnected, as by the real server.
import { type AnswerForm } from './accept-header.ts';
import { type ClusterState } from './cluster-state.ts';
import { nextTurn, tooLargeVersion } from './list-response.ts';
import { type ListOptions } from './list-options.ts';
import { createObjectFilter, type ObjectFilter } from './object-filter.ts';
import { createPrinter, type ObjectPrinter } from './object-form.ts';
import { type ReaderPlace } from './history-readers.ts';
import { type ObjectStore, type StoreEvent } from './object-store.ts';
import { ChunkWriter, type ResponseSink } from './response-sink.ts';
import { type JsonObject, stringifyJson } from './json-value.ts';
import { type ServedCounts } from './served-counts.ts';
import { type ServedResource } from './served-resource.ts';
import { statusBody, StatusError } from './status-error.ts';
import { snapshotOf, type StaleView, viewForRead } from './stale-view.ts';
import { type StoredObject } from './stored-object.ts';

/** One watch request. */
export interface WatchRequest {
  /** The type watched. */
  readonly type: ServedResource;
  /** '' for all namespaces. */
  readonly namespace: string;
  /** Its query. */
  readonly options: ListOptions;
  /** The form of objects in events. */
  readonly form: AnswerForm;
  /** Time between bookmarks, in milliseconds; Infinity for none but the end of a streamed list. */
  readonly bookmarkIntervalMs: number;
  /** The view of a server that lags behind. */
  readonly view: StaleView | undefined;
  /** What is served is counted here. */
  readonly counts: ServedCounts;
}

/** Bytes collected before they are written; an event that stands alone is written at once. */
const CHUNK_BYTES = 64 * 1024;
/** Initial objects printed before others may run. */
const OBJECTS_PER_TURN = 2000;
/** The real server's default: a random time of at least so much, at most twice as much. */
const DEFAULT_TIMEOUT_MS = 1_800_000;
/** Marks the bookmark after the initial events of a streaming list. */
const INITIAL_EVENTS_END: JsonObject = { 'k8s.io/initial-events-end': 'true' };

const lineStart = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
};
const lineEnd = Buffer.from('}\n');

/** Serves one watch until it ends, in order or because the reader has gone. */
export async function serveWatch(
  state: ClusterState,
  sink: ResponseSink,
  request: WatchRequest,
): Promise<void> {
  const filter = createObjectFilter(request.type, request.options);
  sink.start(200, { 'content-type': 'application/json' });
  const watch = new Watch(state, sink, { ...request, filter });
  await watch.run();
}

class Watch {
  readonly #state: ClusterState;
  readonly #store: ObjectStore;
  readonly #sink: ResponseSink;
  readonly #request: WatchRequest & { filter: ObjectFilter | undefined };
  readonly #printer: ObjectPrinter;
  readonly #writer: ChunkWriter;
  readonly #epoch: number;
  #place: ReaderPlace | undefined;
  #sequence = 0;
  /** Only what is newer is told: a version from before a restore of etcd may be ahead of it. */
  #since = 0;
  #wake: () => void = () => undefined;
  #isDue = false;
  #isOver = false;

  constructor(
    state: ClusterState,
    sink: ResponseSink,
    request: WatchRequest & { filter: ObjectFilter | undefined },
  ) {
    this.#state = state;
    this.#store = state.store(request.type);
    this.#sink = sink;
    this.#request = request;
    this.#printer = createPrinter(request.type, request.form, () => state.clock.nowMs());
    this.#writer = new ChunkWriter(sink, CHUNK_BYTES);
    this.#epoch = this.#store.watchEpoch;
  }

  async run(): Promise<void> {
    const wake = (): void => this.#wake();
    const unsubscribe = this.#store.subscribe(wake);
    const timers = new AbortController();
    const { counts } = this.#request;
    counts.openWatches++;
    this.#sink.closed.addEventListener('abort', wake);
    try {
      if (!(await this.#start())) return;
      this.#place = this.#store.readers.join(this.#sequence);
      void this.#ringBookmarks(timers.signal);
      const timeout = this.#waitForTimeout(timers.signal);
      await this.#follow(timeout);
    } finally {
      unsubscribe();
      this.#place?.leave();
      counts.openWatches--;
      timers.abort();
      this.#sink.closed.removeEventListener('abort', wake);
      this.#sink.end();
    }
  }

  /** Finds the place in history to start from; false when there is none any more. */
  async #start(): Promise<boolean> {
    const { options } = this.#request;
    const version = options.resourceVersion;
    const isFresh = version === '' || version === '0';
    const beginsWithObjects = options.sendInitialEvents ?? isFresh;
    if (beginsWithObjects) return this.#sendInitial();
    if (!isFresh) this.#since = Number(version);
    const sequence = isFresh
      ? this.#store.nextSequence
      : this.#store.sequenceAfter(Number(version));
    if (sequence !== 'gone') {
      this.#sequence = sequence;
      return true;
    }
    const oldest = this.#store.oldestResourceVersion;
    await this.#sendError(
      new StatusError('Expired', `too old resource version: ${version} (${oldest})`),
    );
    return false;
  }

  async #sendInitial(): Promise<boolean> {
    const { options } = this.#request;
    const view = viewForRead(this.#request.view, options.resourceVersion);
    const { objects, resourceVersion } = snapshotOf(this.#state, this.#store, view);
    const wanted = Number(options.resourceVersion);
    if (wanted > resourceVersion) {
      await this.#sendError(tooLargeVersion(wanted, resourceVersion));
      return false;
    }
    const sequence = this.#store.sequenceAfter(resourceVersion);
    this.#sequence = sequence === 'gone' ? this.#store.nextSequence : sequence;
    let sent = 0;
    for (const object of objects) {
      if (++sent % OBJECTS_PER_TURN === 0) await nextTurn();
      if (!this.#isWanted(object)) continue;
      this.#addEvent('ADDED', object);
      this.#request.counts.initialEventsServed++;
      if (!this.#writer.hasRoom) await this.#writer.flush();
      if (this.#sink.closed.aborted) return false;
    }
    if (options.sendInitialEvents === true && options.allowWatchBookmarks) {
      this.#addBookmark(resourceVersion, INITIAL_EVENTS_END);
    }
    await this.#writer.flush();
    return !this.#isOver;
  }

  /** Writes events as they come, until the time is up or the watch has lost its place. */
  async #follow(timeout: Promise<'timeout'>): Promise<void> {
    void timeout.then(() => {
      this.#isOver = true;
      this.#wake();
    });
    for (;;) {
      if (!(await this.#sendEvents())) return;
      if (this.#isDue) this.#sendDueBookmark();
      await this.#flush();
      if (this.#isOver || this.#sink.closed.aborted) return;
      if (this.#store.watchEpoch !== this.#epoch) return;
      if (this.#hasMore() || this.#isDue) continue;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #hasMore(): boolean {
    const event = this.#store.eventAt(this.#sequence);
    return event === 'gone' || (event?.object.resourceVersion ?? Infinity) <= this.#newest();
  }

  async #sendEvents(): Promise<boolean> {
    for (;;) {
      const event = this.#store.eventAt(this.#sequence);
      if (event === 'gone') return false;
      if (event === undefined || event.object.resourceVersion > this.#newest()) return true;
      this.#sequence++;
      if (this.#addChange(event)) this.#request.counts.eventsServed++;
      if (!this.#writer.hasRoom) await this.#flush();
      if (this.#sink.closed.aborted) return false;
    }
  }

  /** The resourceVersion up to which this server has come. */
  #newest(): number {
    return this.#request.view?.version() ?? this.#state.resourceVersion;
  }

  /** Hands everything to the socket, waits until it has room, and says how far the watch has come. */
  async #flush(): Promise<void> {
    const sequence = this.#sequence;
    await this.#writer.flush();
    this.#place?.advance(sequence);
  }

  /** With a selector, a change may bring an object in or take it out of what is watched. */
  #addChange({ type, object, previous }: StoreEvent): boolean {
    if (object.resourceVersion <= this.#since) return false;
    const was = previous !== undefined && this.#isWanted(previous);
    const is = type !== 'DELETED' && this.#isWanted(object);
    if (!was && !is) return false;
    this.#addEvent(is ? (was ? 'MODIFIED' : 'ADDED') : 'DELETED', object);
    return true;
  }

  #addEvent(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: StoredObject): void {
    if (!this.#canPrint()) return;
    this.#writer.add(lineStart[type]);
    for (const piece of this.#printer.single(object)) this.#writer.add(piece);
    this.#writer.add(lineEnd);
  }

  /** The real server finds at the first object that it is no list, and ends without a word. */
  #canPrint(): boolean {
    if (this.#request.form === 'partialMetadataList') this.#isOver = true;
    return !this.#isOver;
  }

  #isWanted(object: StoredObject): boolean {
    const { namespace, filter } = this.#request;
    if (namespace !== '' && object.namespace !== namespace) return false;
    return filter === undefined || filter(object);
  }

  #sendDueBookmark(): void {
    this.#isDue = false;
    const resourceVersion = this.#newest();
    if (resourceVersion >= this.#since) this.#addBookmark(resourceVersion);
  }

  #addBookmark(resourceVersion: number, annotations?: JsonObject): void {
    if (!this.#canPrint()) return;
    const metadata: JsonObject = { resourceVersion: String(resourceVersion) };
    if (annotations !== undefined) metadata.annotations = annotations;
    this.#writer.add(Buffer.from('{"type":"BOOKMARK","object":'));
    this.#writer.add(this.#printer.empty(metadata));
    this.#writer.add(lineEnd);
    this.#request.counts.bookmarksServed++;
  }

  async #sendError(error: StatusError): Promise<void> {
    const line = `{"type":"ERROR","object":${stringifyJson(statusBody(error))}}\n`;
    this.#writer.add(Buffer.from(line));
    await this.#writer.flush();
  }

  async #ringBookmarks(signal: AbortSignal): Promise<void> {
    const { options, bookmarkIntervalMs } = this.#request;
    if (!options.allowWatchBookmarks || bookmarkIntervalMs === Infinity) return;
    for (;;) {
      await this.#state.clock.sleep(bookmarkIntervalMs, signal);
      if (signal.aborted) return;
      this.#isDue = true;
      this.#wake();
    }
  }

  async #waitForTimeout(signal: AbortSignal): Promise<'timeout'> {
    const asked = this.#request.options.timeoutSeconds * 1000;
    const ms = asked > 0 ? asked : DEFAULT_TIMEOUT_MS * (1 + this.#state.random.next());
    await this.#state.clock.sleep(ms, signal);
    return 'timeout';
  }
}
