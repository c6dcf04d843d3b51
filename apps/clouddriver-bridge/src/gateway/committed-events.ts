/**
 * Every change of every account that this bridge commits, as one numbered stream, for as long as
 * somebody listens and a while longer, so that who is cut off can go on. Pure.
 */
import { type CommittedRows, type RowsFollower } from './account-journal.ts';
import { type RowChange } from './kind-journal.ts';
import { identityOf } from './object-bytes.ts';

/** One committed change. */
export interface CommittedEvent {
  readonly account: string;
  /** Spinnaker kind, as in `GET /api/v1/objects`. */
  readonly kind: string;
  readonly type: 'added' | 'modified' | 'deleted';
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** Of the object; of one that is gone the version in which it went, `''` if that is not known. */
  readonly resourceVersion: string;
  /** When it was committed, RFC 3339. */
  readonly committedAt: string;
}

/** An event at its place. */
export interface NumberedEvent {
  /** What a client shows to go on after it. */
  readonly id: string;
  readonly event: CommittedEvent;
}

/** What comes after a place. */
export type EventsAfter =
  | { readonly kind: 'events'; readonly events: readonly CommittedEvent[]; readonly first: number }
  /** Something that follows is not remembered any more, or was never seen. */
  | { readonly kind: 'lost' };

/** How many events are remembered: about 10 MB, a minute at 300 changes a second. */
const remembered = 20_000;
/** Changes are still followed for so long after the last listener has gone. */
const keptUpMs = 120_000;

/** The stream. */
export class CommittedEvents implements RowsFollower {
  readonly #clock: { nowMs(): number };
  /** Unlike that of any other process: a place is only of this one. */
  readonly #streamId: string;
  readonly #listeners = new Set<() => void>();
  #events: CommittedEvent[] = [];
  /** Number of the first event that is remembered. */
  #first = 0;
  #keepUntilMs = -Infinity;
  #wasFollowing = false;

  constructor({
    clock,
    streamId,
  }: {
    readonly clock: { nowMs(): number };
    readonly streamId: string;
  }) {
    this.#clock = clock;
    this.#streamId = streamId;
  }

  get isFollowing(): boolean {
    const isFollowing = this.#listeners.size > 0 || this.#clock.nowMs() < this.#keepUntilMs;
    if (!isFollowing && this.#wasFollowing) this.#forgetAll();
    this.#wasFollowing = isFollowing;
    return isFollowing;
  }

  committed({ account, type: kind, changes }: CommittedRows): void {
    const committedAt = new Date(this.#clock.nowMs()).toISOString();
    for (const change of changes) {
      const event = eventOf(change);
      if (event !== undefined) this.#events.push({ account, kind, ...event, committedAt });
    }
    const extra = this.#events.length - remembered;
    // A tenth at once, so that the rest is not moved with each event.
    if (extra > remembered / 10) {
      this.#events.splice(0, extra);
      this.#first += extra;
    }
    for (const listener of [...this.#listeners]) listener();
  }

  /** The place after the newest event. */
  get tip(): number {
    return this.#first + this.#events.length;
  }

  /** Calls the listener after each commit, until the answer is called. */
  listen(listener: () => void): () => void {
    // What happened while nobody listened is not known.
    if (!this.isFollowing) this.#forgetAll();
    const own = (): void => listener();
    this.#listeners.add(own);
    this.#wasFollowing = true;
    return () => {
      this.#listeners.delete(own);
      this.#keepUntilMs = this.#clock.nowMs() + keptUpMs;
    };
  }

  /** Events from a place on, at most so many. */
  read(place: number, most: number): EventsAfter {
    if (place < this.#first || place > this.tip) return { kind: 'lost' };
    const at = place - this.#first;
    return { kind: 'events', events: this.#events.slice(at, at + most), first: place };
  }

  /** What a client shows to go on after the event at a place. */
  idOf(place: number): string {
    return `${this.#streamId}.${place}`;
  }

  /** The place after an id; `undefined` for one of another process, or of none. */
  placeAfter(id: string): number | undefined {
    const number = id.startsWith(`${this.#streamId}.`) ? id.slice(this.#streamId.length + 1) : '';
    return /^\d{1,15}$/.test(number) ? Number(number) + 1 : undefined;
  }

  /** The gap gets a number of its own, so that nobody goes on over it. */
  #forgetAll(): void {
    this.#first = this.tip + 1;
    this.#events = [];
  }
}

function eventOf(
  change: RowChange,
): Omit<CommittedEvent, 'account' | 'kind' | 'committedAt'> | undefined {
  const { before, after, namespace, name } = change;
  if (after !== undefined) {
    if (before !== undefined && Buffer.compare(before, after) === 0) return undefined;
    const type = before === undefined ? 'added' : 'modified';
    return { type, namespace, name, ...identityOf(after) };
  }
  if (before === undefined) return undefined;
  const { uid } = identityOf(before);
  return { type: 'deleted', namespace, name, uid, resourceVersion: change.resourceVersion };
}
