/**
 * What is remembered of the changes of one kind of one account while somebody reads it from the
 * cache. Pure: committed changes in, histories out.
 *
 * A change is published to watchers when its feed's checkpoint has reached it, and then with all
 * others up to there in the order of their resourceVersions. Rows may be newer than the checkpoint
 * (within a snapshot, or when a client's own write was committed first): a watcher that saw such a
 * change early and resumed from its version would miss what the feed had not yet brought.
 */
import { type JournalBudget } from './journal-budget.ts';
import { PublishedChanges, type ReadChanges, type WatchStart } from './published-changes.ts';
import { compareVersions, earliestOf, isLater, isOrdered } from './resource-version.ts';
import { PastRows, RowHistory } from './row-history.ts';

/** One row that a unit has changed. */
export interface RowChange {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  /** The object; `undefined`: there was none. */
  readonly before: Uint8Array | undefined;
  /** The object; `undefined`: it is gone. */
  readonly after: Uint8Array | undefined;
  /** In which version of the resource; `''`: not known, since a list was found to lack it. */
  readonly resourceVersion: string;
}

/** Where a feed is. */
export interface FeedPlace {
  /** `''`: all namespaces, or none. */
  readonly namespace: string;
  /** `''`: its first list is not complete. */
  readonly resourceVersion: string;
}

/** Where a reader begins: all objects as they are now, and the changes that follow. */
export interface ReadPosition {
  /** Position in the history of rows. */
  readonly rows: number;
  /** Position in the log of changes. */
  readonly changes: number;
}

/** What a journal is made of. */
export interface KindJournalStart {
  /** Unlike any other journal's, of any process. */
  readonly id: string;
  readonly budget: JournalBudget;
  /** The kind's feeds as they are committed. */
  readonly feeds: readonly FeedPlace[];
}

/** A client that knows all rows as they were at a place. */
export function everythingFrom(next: number): WatchStart {
  return { next, isKnown: () => false, isAhead: () => false };
}

/** Versions of lists that are remembered. */
const maxAnchors = 256;

/** The journal of one kind. */
export class KindJournal {
  /** Unlike any other journal's. */
  readonly id: string;
  readonly #feeds: Map<string, string>;
  /** Changes that no checkpoint has reached yet: within a snapshot there may be as many as rows. */
  readonly #pending = new Map<string, RowChange>();
  #pendingBytes = 0;
  readonly #budget: JournalBudget;
  readonly #rows: RowHistory;
  readonly #changes: PublishedChanges;
  readonly #listeners = new Set<() => void>();
  /** Places where lists over several feeds were read, by their version. */
  readonly #anchors = new Map<string, number>();
  #isClosed = false;

  constructor({ id, budget, feeds }: KindJournalStart) {
    this.id = id;
    this.#budget = budget;
    this.#feeds = new Map(feeds.map(({ namespace, resourceVersion: at }) => [namespace, at]));
    this.#rows = new RowHistory(budget);
    this.#changes = new PublishedChanges(budget, this.#feeds);
  }

  /** Whether nothing more is written: the account is not fed here any more, or the kind is not. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether anybody waits for changes. */
  get isWatched(): boolean {
    return this.#listeners.size > 0;
  }

  /** Now. */
  get position(): ReadPosition {
    return { rows: this.#rows.tip, changes: this.#changes.tip };
  }

  /** Changes from a place on, at most so many. */
  read(place: number, most: number): ReadChanges {
    return this.#changes.read(place, most);
  }

  /**
   * Where a watch of a namespace (`undefined`: of all) begins whose client knows everything up to a
   * version; `undefined`: it must list anew.
   */
  startAfter(namespace: string | undefined, version: string): WatchStart | undefined {
    const feeds = this.#feedsOf(namespace);
    const anchor = feeds.length > 1 ? this.#anchors.get(version) : undefined;
    if (anchor !== undefined) return everythingFrom(anchor);
    return this.#changes.startAfter(version, feeds);
  }

  /**
   * Somebody lists all objects at this moment: where, and in which version the list is. Of several
   * feeds the version is that of the one which is furthest behind; the list knows more of the others,
   * and so a watch that goes on from it begins here.
   */
  handOut(namespace: string | undefined): ReadPosition & { readonly resourceVersion: string } {
    const resourceVersion = this.versionOf(namespace);
    const { position } = this;
    if (this.#feedsOf(namespace).length > 1) {
      if (this.#anchors.size >= maxAnchors) this.#anchors.clear();
      if (!this.#anchors.has(resourceVersion)) {
        this.#anchors.set(resourceVersion, position.changes);
      }
    }
    return { ...position, resourceVersion };
  }

  /** All objects as they were at a position. */
  past(position: number): PastRows {
    return new PastRows(this.#rows, position);
  }

  /**
   * Up to which version of the resource everything is in the rows, in one namespace or (`undefined`)
   * in all that are fed; `''` if that cannot be said.
   */
  versionOf(namespace: string | undefined): string {
    const versions = this.#feedsOf(namespace).map((feed) => this.#feeds.get(feed) ?? '');
    return versions.includes('') ? '' : (earliestOf(versions) ?? '');
  }

  /**
   * Takes what a transaction has changed, and how far it has brought the feeds. Closes when more waits
   * for a checkpoint than may be remembered: who watches lists anew.
   */
  committed(changes: readonly RowChange[], checkpoints: readonly FeedPlace[]): void {
    for (const change of changes) this.#take(change);
    const feeds = new Set(changes.map(({ namespace }) => this.#feedOf(namespace)));
    for (const { namespace, resourceVersion: to } of checkpoints) {
      const from = this.#feeds.get(namespace) ?? '';
      this.#feeds.set(namespace, to);
      this.#publish(namespace, { from, to, isMoved: true });
      feeds.delete(namespace);
    }
    for (const namespace of feeds) {
      const at = this.#feeds.get(namespace) ?? '';
      this.#publish(namespace, { from: at, to: at, isMoved: false });
    }
    if (this.#pendingBytes > 0 && this.#budget.isOver(this.#pendingBytes)) this.close();
    else this.#tell();
  }

  /** Is called after each change, until the answer is called. */
  subscribe(listener: () => void): () => void {
    // A function of one's own, so that the same one may listen twice.
    const own = (): void => listener();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }

  /** Nothing follows; those who wait are told. */
  close(): void {
    this.#isClosed = true;
    for (const id of [...this.#pending.keys()]) this.#letGo(id);
    this.#rows.clear();
    this.#changes.clear();
    this.#tell();
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #feedsOf(namespace: string | undefined): readonly string[] {
    if (this.#feeds.has('')) return [''];
    return namespace === undefined ? [...this.#feeds.keys()] : [namespace];
  }

  #feedOf(namespace: string): string {
    return this.#feeds.has('') ? '' : namespace;
  }

  #take(change: RowChange): void {
    if (isSame(change.before, change.after)) return;
    this.#rows.add(change.id, change.before);
    const before = this.#pending.get(change.id);
    const merged = before === undefined ? change : { ...change, before: before.before };
    this.#letGo(change.id);
    if (isSame(merged.before, merged.after)) return;
    this.#pending.set(change.id, merged);
    this.#count(costOf(merged));
  }

  #letGo(id: string): void {
    const change = this.#pending.get(id);
    if (change === undefined) return;
    this.#pending.delete(id);
    this.#count(-costOf(change));
  }

  #count(bytes: number): void {
    this.#pendingBytes += bytes;
    this.#budget.add(bytes);
  }

  #publish(namespace: string, step: Step): void {
    const ready = [...this.#pending.values()].filter(
      (change) => this.#feedOf(change.namespace) === namespace && isReached(change, step),
    );
    for (const change of ready.sort(inOrder)) {
      this.#letGo(change.id);
      this.#changes.add({ ...change, feed: namespace, ...versionsOf(change, step) });
    }
  }
}

/** How far a feed was, and is. */
interface Step {
  readonly from: string;
  readonly to: string;
  /** Whether all that the feed has brought up to `to` is in the rows now. */
  readonly isMoved: boolean;
}

function isReached({ resourceVersion }: RowChange, { to, isMoved }: Step): boolean {
  if (!isOrdered(resourceVersion) || !isOrdered(to)) return isMoved;
  return !isLater(resourceVersion, to);
}

/** What is only known to have happened since `from` comes first, and counts as no later than that. */
function inOrder(one: RowChange, other: RowChange): number {
  const [a, b] = [one.resourceVersion, other.resourceVersion];
  if (!isOrdered(a) || !isOrdered(b)) return Number(isOrdered(a)) - Number(isOrdered(b));
  return compareVersions(a, b);
}

function versionsOf(
  { resourceVersion }: RowChange,
  { from, to }: Step,
): { readonly resourceVersion: string; readonly knownAfter: string | undefined } {
  if (!isOrdered(resourceVersion)) {
    const at = from === '' ? to : from;
    return { resourceVersion: at, knownAfter: from === to ? undefined : to };
  }
  // The feed had passed it: a row was put right.
  const isRepair = isOrdered(from) && !isLater(resourceVersion, from);
  return { resourceVersion, knownAfter: isRepair ? undefined : resourceVersion };
}

/** Memory that a change costs beside its objects, in bytes. */
const overheadBytes = 256;

function costOf({ before, after }: RowChange): number {
  return overheadBytes + (before?.byteLength ?? 0) + (after?.byteLength ?? 0);
}

function isSame(one: Uint8Array | undefined, other: Uint8Array | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return Buffer.compare(one, other) === 0;
}
