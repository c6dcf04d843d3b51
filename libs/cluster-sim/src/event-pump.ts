// Makes exactly so many MODIFIED events of one resource, turn by turn over its objects, as fast as
// its watches read or at a given rate. It never runs so far ahead that a watch loses its place in
// history, and it ends when every watch has handed the last event to its socket.
import { type Clock } from './clock.ts';
import { type ClusterState } from './cluster-state.ts';
import { nextTurn } from './list-response.ts';
import { type ObjectStore } from './object-store.ts';
import { type ServedResource } from './served-resource.ts';
import { touchObject } from './stored-object.ts';

/** What a pump is to do. */
export interface PumpOptions {
  /** Events in all. */
  readonly events: number;
  /** Events a second. @defaultValue as fast as the slowest watch reads */
  readonly perSecond?: number;
  /** It begins when so many watch the resource, and waits while none does. @defaultValue 1 */
  readonly watches?: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
}

/** How far a pump has come. */
export interface PumpProgress {
  /** Plural name of the resource. */
  readonly resource: string;
  /** Events asked for. */
  readonly events: number;
  /** Events made so far. */
  readonly made: number;
  /** Objects that take turns. */
  readonly objects: number;
  /** True when the last event is in the hands of every watch's socket. */
  readonly isDone: boolean;
  /** From the first event to the end (or to now), in milliseconds. */
  readonly elapsedMs: number;
  /** resourceVersion of the newest event; '' before the first. */
  readonly lastResourceVersion: string;
}

/** Events ahead of the slowest watch; far below the history that a store keeps (4096 events). */
const MAX_AHEAD_EVENTS = 1024;
/** Events made at one go, before watches and sockets get their turn. */
const EVENTS_PER_TURN = 256;
/** Time between two rounds at a given rate. */
const ROUND_MS = 5;

/** One pump. */
export class EventPump {
  readonly #state: ClusterState;
  readonly #type: ServedResource;
  readonly #store: ObjectStore;
  readonly #options: PumpOptions;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #keys: readonly string[];
  #turn = 0;
  #made = 0;
  #startMs: number | undefined;
  #endMs: number | undefined;
  #lastResourceVersion = '';

  constructor(state: ClusterState, type: ServedResource, options: PumpOptions) {
    this.#state = state;
    this.#type = type;
    this.#store = state.store(type);
    this.#options = options;
    this.#clock = state.clock;
    this.#signal = options.signal ?? new AbortController().signal;
    this.#keys = [...this.#store.objects()].map(({ key }) => key);
  }

  /** How far it has come. */
  get progress(): PumpProgress {
    const endMs = this.#endMs ?? this.#clock.nowMs();
    return {
      resource: this.#type.resource,
      events: this.#options.events,
      made: this.#made,
      objects: this.#keys.length,
      isDone: this.#endMs !== undefined && this.#made === this.#options.events,
      elapsedMs: this.#startMs === undefined ? 0 : endMs - this.#startMs,
      lastResourceVersion: this.#lastResourceVersion,
    };
  }

  /**
   * Runs to its end.
   *
   * @throws RangeError when the resource has no objects (any more)
   */
  async run(): Promise<PumpProgress> {
    const { events, watches = 1 } = this.#options;
    while (this.#store.readers.count < watches && !this.#signal.aborted) {
      await this.#store.readers.changed(this.#signal);
    }
    this.#startMs = this.#clock.nowMs();
    while (this.#made < events && !this.#signal.aborted) {
      const room = Math.min(this.#room(), this.#due());
      if (room > 0) this.#make(Math.min(room, EVENTS_PER_TURN));
      await this.#pause(room);
    }
    await this.#untilWritten();
    this.#endMs = this.#clock.nowMs();
    return this.progress;
  }

  /** How many more events the slowest watch can bear; 0 while nobody watches who should. */
  #room(): number {
    const { readers, nextSequence } = this.#store;
    if (readers.count === 0 && (this.#options.watches ?? 1) > 0) return 0;
    return this.#maxAhead() - (nextSequence - readers.slowest(nextSequence));
  }

  /** A quarter of history at most: the rest is for whoever else changes objects. */
  #maxAhead(): number {
    const { maxEvents, maxBytes } = this.#store.historyLimits;
    const objectBytes = this.#store.get(
      this.#keys[this.#turn % this.#keys.length] ?? '',
    )?.byteLength;
    const byBytes = maxBytes / 4 / (objectBytes ?? 1);
    return Math.max(1, Math.floor(Math.min(MAX_AHEAD_EVENTS, maxEvents / 4, byBytes)));
  }

  #due(): number {
    const { perSecond, events } = this.#options;
    const left = events - this.#made;
    if (perSecond === undefined) return left;
    const elapsedMs = this.#clock.nowMs() - (this.#startMs ?? 0);
    return Math.min(left, Math.floor((elapsedMs * perSecond) / 1000) - this.#made);
  }

  async #pause(room: number): Promise<void> {
    if (room > 0) await nextTurn();
    else if (this.#room() > 0) await this.#clock.sleep(ROUND_MS, this.#signal);
    else await this.#store.readers.changed(this.#signal);
  }

  #make(count: number): void {
    const now = this.#state.nowText();
    for (let made = 0; made < count; made++) {
      const previous = this.#next();
      const resourceVersion = this.#state.nextResourceVersion();
      const object = touchObject(this.#type, previous, { resourceVersion, now });
      this.#state.record(this.#type, { type: 'MODIFIED', object, previous });
    }
    this.#made += count;
    this.#lastResourceVersion = String(this.#state.resourceVersion);
  }

  /** The object whose turn it is; those that have gone are passed over. */
  #next(): ReturnType<typeof touchObject> {
    for (const _turn of this.#keys) {
      const object = this.#store.get(this.#keys[this.#turn++ % this.#keys.length] ?? '');
      if (object !== undefined) return object;
    }
    throw new RangeError(`there are no ${this.#type.resource} to make events of`);
  }

  async #untilWritten(): Promise<void> {
    const end = this.#store.nextSequence;
    const { readers } = this.#store;
    while (readers.slowest(end) < end && !this.#signal.aborted) {
      await readers.changed(this.#signal);
    }
  }
}
