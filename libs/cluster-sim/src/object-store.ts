// All objects of one resource type and its recent history, in memory. Lists read a view of one
// moment, however slowly, that costs nothing to take. Watches read the history by sequence number; it is bounded, and who falls
// off its end must list again.
import { HistoryReaders } from './history-readers.ts';
import { type ObjectList, SortedObjects } from './sorted-objects.ts';
import { type StoredObject } from './stored-object.ts';

/** One change, as watches send it. */
export interface StoreEvent {
  /** What happened. */
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** The object after the change; for DELETED its last state with the resourceVersion of its end. */
  readonly object: StoredObject;
  /** The object before the change. */
  readonly previous?: StoredObject;
}

/** How much history one type keeps. */
export interface HistoryLimits {
  /** Number of events. */
  readonly maxEvents: number;
  /** Bytes of objects in those events. */
  readonly maxBytes: number;
}

/** A moment of a store that stays readable. */
export interface Snapshot {
  /** Objects in order of their keys. */
  readonly objects: ObjectList;
  /** The cluster's resourceVersion of that moment. */
  readonly resourceVersion: number;
}

/** The objects of one type. */
export class ObjectStore {
  /** @internal Who reads its history. */
  readonly readers = new HistoryReaders();
  /** How much history it keeps. */
  readonly historyLimits: HistoryLimits;
  #objects = new SortedObjects();
  #events: StoreEvent[] = [];
  #eventBytes: number[] = [];
  #head = 0;
  #firstSequence = 0;
  #historyBytes = 0;
  #floor: number;
  readonly #snapshots = new Map<number, { snapshot: Snapshot; expiresAtMs: number }>();
  readonly #listeners = new Set<() => void>();
  #watchEpoch = 0;

  constructor(limits: HistoryLimits, createdAtResourceVersion: number) {
    this.historyLimits = limits;
    this.#floor = createdAtResourceVersion;
  }

  /** Number of objects. */
  get size(): number {
    return this.#objects.length;
  }

  /** The sequence number that the next event will have. */
  get nextSequence(): number {
    return this.#firstSequence + this.#events.length - this.#head;
  }

  /** The oldest resourceVersion from which a watch can start. */
  get oldestResourceVersion(): number {
    return this.#floor;
  }

  /** The object under `key`. */
  get(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  /** All objects, sorted, as they are now; stays as it is whatever happens later. */
  objects(): ObjectList {
    return this.#objects.view();
  }

  /** The object at a position in key order. */
  at(index: number): StoredObject | undefined {
    return this.#objects.at(index);
  }

  /** Puts many objects in at once, without events: the content from before anybody looked. */
  load(objects: readonly StoredObject[]): void {
    this.#objects.load(objects);
    for (const object of objects) this.#floor = Math.max(this.#floor, object.resourceVersion);
  }

  /** Records one change and tells the watches. */
  record(event: StoreEvent): void {
    if (event.type === 'DELETED') this.#objects.remove(event.object.key);
    else this.#objects.put(event.object);
    this.#remember(event);
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after every change; returns how to stop that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Goes up each time all watches are told to end; a watch ends when it no longer is its own. */
  get watchEpoch(): number {
    return this.#watchEpoch;
  }

  /** Ends every watch of this type, as a server that restarts or drops the type does. */
  disconnectWatches(): void {
    this.#watchEpoch++;
    this.wakeWatches();
  }

  /** Makes every watch look again. */
  wakeWatches(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The event with a sequence number; 'gone' when history no longer holds it. */
  eventAt(sequence: number): StoreEvent | 'gone' | undefined {
    if (sequence < this.#firstSequence) return 'gone';
    return this.#events[this.#head + sequence - this.#firstSequence];
  }

  /** Sequence number of the first event after a resourceVersion; 'gone' when it is too old. */
  sequenceAfter(resourceVersion: number): number | 'gone' {
    if (resourceVersion < this.#floor) return 'gone';
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const event = this.#events[middle];
      if (event !== undefined && event.object.resourceVersion <= resourceVersion) low = middle + 1;
      else high = middle;
    }
    return this.#firstSequence + low - this.#head;
  }

  /** Keeps a moment readable under its resourceVersion until `expiresAtMs`. */
  keepSnapshot(snapshot: Snapshot, expiresAtMs: number): void {
    this.#snapshots.set(snapshot.resourceVersion, { snapshot, expiresAtMs });
  }

  /** The kept moment of a resourceVersion; undefined when it was never kept or has expired. */
  snapshotAt(resourceVersion: number, nowMs: number): Snapshot | undefined {
    for (const [version, kept] of this.#snapshots) {
      if (kept.expiresAtMs <= nowMs) this.#snapshots.delete(version);
    }
    return this.#snapshots.get(resourceVersion)?.snapshot;
  }

  /** The content at an older resourceVersion, worked out backwards from history. */
  rewind(resourceVersion: number): Snapshot | undefined {
    const sequence = this.sequenceAfter(resourceVersion);
    if (sequence === 'gone') return undefined;
    const past = this.objects().toSorted();
    for (let next = this.nextSequence - 1; next >= sequence; next--) {
      const event = this.eventAt(next) as StoreEvent;
      if (event.previous === undefined) past.remove(event.object.key);
      else past.put(event.previous);
    }
    return { objects: past.view(), resourceVersion };
  }

  /** Forgets history and kept moments: whoever comes with anything older hears 410. */
  compact(resourceVersion: number): void {
    this.#firstSequence = this.nextSequence;
    this.#events = [];
    this.#eventBytes = [];
    this.#head = 0;
    this.#historyBytes = 0;
    this.#floor = resourceVersion;
    this.#snapshots.clear();
  }

  /** Goes back to earlier objects, as after a restore from a backup: no history, no watches. */
  reset(objects: ObjectList, resourceVersion: number): void {
    this.#objects = objects.toSorted();
    this.compact(resourceVersion);
    this.disconnectWatches();
  }

  #remember(event: StoreEvent): void {
    this.#events.push(event);
    const { byteLength } = event.object;
    this.#eventBytes.push(byteLength);
    this.#historyBytes += byteLength;
    const { maxEvents, maxBytes } = this.historyLimits;
    while (
      this.#events.length - this.#head > maxEvents ||
      (this.#historyBytes > maxBytes && this.#events.length - this.#head > 1)
    ) {
      const oldest = this.#events[this.#head];
      if (oldest === undefined) break;
      this.#historyBytes -= this.#eventBytes[this.#head++] ?? 0;
      this.#floor = oldest.object.resourceVersion;
      this.#firstSequence++;
    }
    // The array is cut only now and then, so that dropping an event costs nothing by itself; the
    // dropped events it still holds are at most as many as the live ones.
    if (this.#head > 64 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#eventBytes = this.#eventBytes.slice(this.#head);
      this.#head = 0;
    }
  }
}
