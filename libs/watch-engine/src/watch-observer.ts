/**
 * What the engine tells for logs and metrics. Nothing here carries an object's content; names of
 * objects appear only in {@link WatchObserver.unscannable}, which is for logs, not for labels.
 */
import type { DeltaKind, FeedState } from './delta-sink.ts';
import type { FeedKey } from './resource-type.ts';

/** Why a feed takes a new list; the label of `fairlead_agent_relists_total`. */
export type RelistReason =
  /** 410 as the first word of a watch: the resourceVersion was too old from the start. */
  | 'expiredAtStart'
  /** ERROR event 410 in a watch that had said something before. */
  | 'expiredInWatch'
  /** 410 for a page's continue token. */
  | 'expiredContinue'
  /** The server does not accept the resourceVersion (400), or its own is smaller (restored etcd). */
  | 'invalidResourceVersion'
  /** Lines of a watch could not be read, also when asked for again; they may hide events. */
  | 'malformedEvent'
  /** Several watches in a row were closed at once and empty (kubernetes/kubernetes#104171). */
  | 'emptyWatches'
  /** Many watches in a row said nothing, not even a bookmark. */
  | 'silentWatches'
  /** A streaming list was refused or broke; pages are asked for instead. */
  | 'streamingListFailed'
  /** Asked for: what is stored of the feed is not what the cluster holds. */
  | 'repair';

/** An object that could not be scanned and is left out. */
export interface UnscannableObject {
  /** The scanner's word for it, such as `tooLarge`. */
  readonly reason: string;
  /** Absent when reading stopped before it. */
  readonly name?: string;
  /** Absent when reading stopped before it, or for a cluster-scoped object. */
  readonly namespace?: string;
  /** True when this feed has reported the same object before. */
  readonly repeated: boolean;
}

/** What one discovery found. */
export interface DiscoverySummary {
  /** Types served with list and watch. */
  readonly types: number;
  /** Feeds that should run after it. */
  readonly feeds: number;
  /** Groups (or `group/version`s) that could not be read; their feeds wait. */
  readonly incompleteGroups: readonly string[];
  /** Configured kinds that the cluster does not serve, as configured. */
  readonly unknownKinds: readonly string[];
}

/** Receiver of what happens; methods must return at once and never throw. */
export interface WatchObserver {
  /** A feed's public state changed. */
  transition(feed: FeedKey, from: FeedState, to: FeedState, reason: string): void;
  /** A delta was handed over. `bytes` of its object, else 0. */
  delta(feed: FeedKey, kind: DeltaKind, bytes: number): void;
  /** Bytes came from the API server. */
  received(feed: FeedKey, bytes: number): void;
  /** A feed began, from a checkpoint or with a list. */
  started(feed: FeedKey, mode: 'resume' | 'list'): void;
  /** A feed takes a new list. */
  relisted(feed: FeedKey, reason: RelistReason): void;
  /** An object was left out; the feed goes on. */
  unscannable(feed: FeedKey, object: UnscannableObject): void;
  /** Secret values were removed from an object. */
  scrubbed(feed: FeedKey, values: number): void;
  /** Discovery ended, perhaps incomplete. */
  discovered(summary: DiscoverySummary): void;
  /** Discovery failed altogether and is tried again in `retryInMs`. */
  discoveryFailed(reason: string, retryInMs: number): void;
}

/** An observer that ignores everything. */
export const noObserver: WatchObserver = Object.freeze({
  transition: ignore,
  delta: ignore,
  received: ignore,
  started: ignore,
  relisted: ignore,
  unscannable: ignore,
  scrubbed: ignore,
  discovered: ignore,
  discoveryFailed: ignore,
});

function ignore(): void {
  // Nothing to tell anybody.
}
