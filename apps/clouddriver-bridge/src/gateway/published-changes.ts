/**
 * The changes of one kind as watches see them: in the order of resourceVersions, for as long as they
 * are remembered. Every watcher reads the same entries, each at its own place; each entry is written
 * out once, whoever reads it.
 */
import { type JournalBudget } from './journal-budget.ts';
import { isLater, isOrdered } from './resource-version.ts';
import { identityOf, withResourceVersion } from './object-bytes.ts';
import { type ObjectMatcher } from './object-selector.ts';

/** What a watch says of an object. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED';

/** What happened to an object. */
export interface ChangeFacts {
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  readonly name: string;
  /** Namespace of the feed that brought it, `''` for all. */
  readonly feed: string;
  /** `undefined`: there was none. */
  readonly before: Uint8Array | undefined;
  /** `undefined`: there is none any more. */
  readonly after: Uint8Array | undefined;
  /** What a client knows when it has seen this: everything up to here, or less. */
  readonly resourceVersion: string;
  /** Clients that know this much know of the change; `undefined`: nobody does, since it is a repair. */
  readonly knownAfter: string | undefined;
}

/** A change that can be written out. */
export class PublishedChange implements ChangeFacts {
  readonly namespace: string;
  readonly name: string;
  readonly feed: string;
  readonly before: Uint8Array | undefined;
  readonly after: Uint8Array | undefined;
  readonly resourceVersion: string;
  readonly knownAfter: string | undefined;
  readonly #lines = new Map<WatchEventType, Uint8Array>();
  readonly #events = new Map<string, readonly WatchEventType[]>();

  constructor(facts: ChangeFacts) {
    this.namespace = facts.namespace;
    this.name = facts.name;
    this.feed = facts.feed;
    this.before = facts.before;
    this.after = facts.after;
    this.resourceVersion = facts.resourceVersion;
    this.knownAfter = facts.knownAfter;
  }

  /** Bytes that it holds; a line of it is about as long as the object. */
  get bytes(): number {
    const { before, after } = this;
    return overheadBytes + (before?.byteLength ?? 0) + 2 * (after?.byteLength ?? 0);
  }

  /** The line of a watch; the same bytes for everybody. */
  line(type: WatchEventType): Uint8Array {
    const known = this.#lines.get(type);
    if (known !== undefined) return known;
    const line = watchLine(type, this.#object(type));
    this.#lines.set(type, line);
    return line;
  }

  /** What it is to a watcher with a selector; worked out once for all with the same one. */
  eventsFor({ key, matches }: WatchSelector): readonly WatchEventType[] {
    const known = this.#events.get(key);
    if (known !== undefined) return known;
    const { before, after } = this;
    const was = before !== undefined && (matches?.(before) ?? true);
    const is = after !== undefined && (matches?.(after) ?? true);
    const events = eventsOf({ was, is, isOther: was && is && this.#isOtherObject() });
    this.#events.set(key, events);
    return events;
  }

  /** Deleted, and made anew under the same name. */
  #isOtherObject(): boolean {
    const { before, after } = this;
    if (before === undefined || after === undefined) return false;
    return identityOf(before).uid !== identityOf(after).uid;
  }

  /** What is gone is shown as it was last, in the version in which it went. */
  #object(type: WatchEventType): Uint8Array {
    const { before, after, resourceVersion } = this;
    if (type !== 'DELETED') return after ?? noObject;
    return before === undefined ? noObject : withResourceVersion(before, resourceVersion);
  }
}

/** What a watcher wants to see. */
export interface WatchSelector {
  /** Equal for selectors that want the same. */
  readonly key: string;
  /** `undefined`: everything. */
  readonly matches: ObjectMatcher | undefined;
}

/** What a reader finds at its place. */
export type ReadChanges =
  | {
      readonly kind: 'changes';
      readonly changes: readonly PublishedChange[];
      readonly next: number;
    }
  /** Some of what follows is not remembered any more. */
  | { readonly kind: 'expired' };

/** Where a watch begins. */
export interface WatchStart {
  /** Place in the log. */
  readonly next: number;
  /** Whether the client knows of a change at a place. */
  isKnown(place: number, change: PublishedChange): boolean;
  /** Whether the client knows more than what a version stands for. */
  isAhead(version: string): boolean;
}

/** What a watcher sees of an object that it wanted, and that it wants. */
function eventsOf(object: {
  readonly was: boolean;
  readonly is: boolean;
  readonly isOther: boolean;
}): readonly WatchEventType[] {
  if (object.isOther) return ['DELETED', 'ADDED'];
  if (object.was && object.is) return ['MODIFIED'];
  if (object.is) return ['ADDED'];
  return object.was ? ['DELETED'] : [];
}

/** Memory that a change costs beside its objects. */
const overheadBytes = 512;
const noObject = Buffer.from('{}');
const [lineStart, lineMiddle, lineEnd] = ['{"type":"', '","object":', '}\n'];

/** One line of a watch. */
export function watchLine(type: string, object: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(lineStart + type + lineMiddle), object, Buffer.from(lineEnd)]);
}

/** The log of one kind of one account. */
export class PublishedChanges {
  readonly #budget: JournalBudget;
  #entries: PublishedChange[] = [];
  #forgotten = 0;
  #bytes = 0;
  /** By feed: clients that know less of it may have missed something that is not here. */
  readonly #oldest: Map<string, string>;

  /** `feeds`: up to where each feed was when the log began. */
  constructor(budget: JournalBudget, feeds: ReadonlyMap<string, string>) {
    this.#budget = budget;
    this.#oldest = new Map(feeds);
  }

  /** The place after the last change. */
  get tip(): number {
    return this.#forgotten + this.#entries.length;
  }

  /** A change is published. */
  add(facts: ChangeFacts): void {
    const change = new PublishedChange(facts);
    this.#entries.push(change);
    this.#count(change.bytes);
    while (this.#entries.length > 0 && this.#budget.isOver(this.#bytes)) this.#forgetSome();
  }

  /** Nothing is remembered any more. */
  clear(): void {
    this.#forgotten = this.tip;
    this.#entries = [];
    this.#count(-this.#bytes);
  }

  /**
   * Where a client that knows everything of some feeds up to a version goes on; `undefined`: it must
   * list anew.
   */
  startAfter(version: string, feeds: readonly string[]): WatchStart | undefined {
    const oldest = feeds.map((feed) => this.#oldest.get(feed) ?? '0');
    if (!oldest.every((each) => isOrdered(each) && !isLater(each, version))) return undefined;
    const last = this.#entries.findLastIndex((change) => change.resourceVersion === version);
    // What was published after the very change that the client saw last is new to it, though it may
    // bear an earlier version where several feeds go side by side.
    const seen = last === -1 ? Infinity : this.#forgotten + last;
    const isKnown = (place: number, { knownAfter }: PublishedChange): boolean =>
      place <= seen && knownAfter !== undefined && !isLater(knownAfter, version);
    return { next: this.#forgotten, isKnown, isAhead: (at) => isLater(version, at) };
  }

  /** Changes from a place on, at most so many. */
  read(place: number, most: number): ReadChanges {
    if (place < this.#forgotten) return { kind: 'expired' };
    const at = place - this.#forgotten;
    const changes = this.#entries.slice(at, at + most);
    return { kind: 'changes', changes, next: place + changes.length };
  }

  #forgetSome(): void {
    const gone = this.#entries.splice(0, Math.ceil(this.#entries.length / 2));
    this.#forgotten += gone.length;
    for (const { bytes, feed, knownAfter } of gone) {
      this.#count(-bytes);
      const oldest = this.#oldest.get(feed) ?? '0';
      if (knownAfter !== undefined && isLater(knownAfter, oldest)) {
        this.#oldest.set(feed, knownAfter);
      }
    }
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#budget.add(bytes);
  }
}
