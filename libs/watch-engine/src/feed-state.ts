/**
 * The words of the feed machine: states, inputs, effects. Every state holds exactly what is true in
 * it. `feed-machine.ts` says how one leads to the next; `feed-driver.ts` performs the effects.
 */
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { Delta, FeedStatus } from './delta-sink.ts';
import type { ObjectFilter } from './object-filter.ts';
import type { RelistReason } from './watch-observer.ts';
import type { WatchTuning } from './watch-options.ts';

/** One request for a list: a page of it, or the whole of it as a stream. */
export interface ListRequest {
  /** `pages`: bodies with `limit` and `continue`; `stream`: a watch with `sendInitialEvents`. */
  readonly via: 'pages' | 'stream';
  /** The list may come from the server's cache if it is not older than this; '' = the newest. */
  readonly notOlderThan: string;
  /** Objects per page; 0 = all in one. */
  readonly pageLimit: number;
  /** Where the next page begins; '' for the first, which begins the snapshot. */
  readonly continueToken: string;
  /** resourceVersion of the snapshot, from its first page; '' before. */
  readonly snapshotVersion: string;
  /** False once an object of the snapshot could not be read and not even its name is known. */
  readonly isComplete: boolean;
  /**
   * What was handed over reaches to here; a snapshot from before is not taken for newer until the
   * server has said {@link CONFIRMATIONS_OF_BEHIND} times that it is there. '' = take any.
   */
  readonly floor: string;
  /** How often in a row the server was found before `floor`. */
  readonly timesBehind: number;
}

/**
 * A read without a resourceVersion is answered with the newest state there is, so once would do. But
 * replicas exist that answer from before against that rule, and a restored server stays where it is:
 * with the pauses between them five answers take about ten seconds.
 */
export const CONFIRMATIONS_OF_BEHIND = 5;

/** One request for a watch, and what the watches before it were like. */
export interface WatchRequest {
  /** Everything up to here has been emitted. */
  readonly resourceVersion: string;
  /** A line that could not be read came from here already, and has been asked for again. */
  readonly hasMetMalformed: boolean;
  /** Watches in a row that were closed at once without saying anything. */
  readonly emptyWatches: number;
  /** Watches in a row that lived and said nothing, not even a bookmark. */
  readonly silentWatches: number;
}

/** What a feed does once it may go on. */
export type NextRequest =
  | { readonly kind: 'list'; readonly request: ListRequest }
  | { readonly kind: 'watch'; readonly request: WatchRequest };

/** Failures in a row, and what to tell of them. `attempt` 0 = none. */
export interface Trouble {
  readonly state: 'discovering' | 'lost' | 'expired' | 'forbidden';
  readonly attempt: number;
  readonly reason: string;
  /** When the row of failures began. Unix milliseconds. */
  readonly sinceMs: number;
  /** The last of them was a 401, and the credentials have been read anew since. */
  readonly hasReloaded: boolean;
}

/**
 * The type is not known to be served. Holds: what to do when it is. Out: `discovered` (and, if
 * failures came before, a pause first). A type that is gone for sure is retired from outside.
 */
export interface DiscoveringState {
  readonly kind: 'discovering';
  readonly next: NextRequest;
  readonly trouble: Trouble;
  readonly sinceMs: number;
}

/**
 * A watch is to go on, or a list to be taken, and before it the server is asked where it is: one
 * whose etcd was restored from a backup does not answer a watch from its future with an error, but
 * with silence, and later with events that belong to another history. Out: the request, or a pause
 * before a full list.
 */
export interface LocatingState {
  readonly kind: 'locating';
  readonly next: NextRequest;
  readonly trouble: Trouble;
  readonly sinceMs: number;
}

/**
 * A snapshot is being read. `opening`: the request waits for a permit or an answer; `open`: the
 * answer is being read. Out: the last page or the end of initial events -> watching. Failure: the
 * same page again after a pause (lost), or the whole snapshot again (expired).
 */
export interface ListingState {
  readonly kind: 'listing';
  readonly request: ListRequest;
  readonly phase: 'opening' | 'open';
  readonly trouble: Trouble;
  readonly sinceMs: number;
}

/**
 * The snapshot is complete and changes come. Holds: up to where they have been emitted. Out: the
 * end of the connection -> watching again from there; 410 -> expired; else -> lost, forbidden.
 */
export interface WatchingState {
  readonly kind: 'watching';
  readonly request: WatchRequest;
  readonly connection: WatchConnection;
  readonly trouble: Trouble;
  readonly sinceMs: number;
}

/** Where a watch's connection stands. */
export type WatchConnection =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly openedAtMs: number; readonly hasSpoken: boolean };

/** The resourceVersion is of no use any more; a pause, so that not all list at once. Out: listing. */
export interface ExpiredState {
  readonly kind: 'expired';
  readonly request: ListRequest;
  readonly trouble: Trouble;
}

/** A request failed; a pause that grows with each failure. Out: the same request again. */
export interface LostState {
  readonly kind: 'lost';
  readonly next: NextRequest;
  readonly trouble: Trouble;
}

/** The account may not read this (403). Rows stay as they are. Out: the same request, slowly. */
export interface ForbiddenState {
  readonly kind: 'forbidden';
  readonly next: NextRequest;
  readonly trouble: Trouble;
}

/** The type is gone or not wanted. Nothing leads out. */
export interface RetiredState {
  readonly kind: 'retired';
  readonly sinceMs: number;
}

/** All states. */
export type FeedMachineState =
  | DiscoveringState
  | LocatingState
  | ListingState
  | WatchingState
  | ExpiredState
  | LostState
  | ForbiddenState
  | RetiredState;

/** How a connection or a body ended without an answer that says more. */
export type BreakCause =
  /** The server closed a watch in order. */
  | 'closed'
  /** No byte for `idleTimeoutMs`. */
  | 'idle'
  /** The body stopped in the middle, also in the middle of a line. */
  | 'truncated'
  /** The body is not what an API server sends. */
  | 'malformed'
  /** No connection, or it broke. */
  | 'network';

/** What happens to a feed. */
export type FeedInput =
  /** Discovery found the type (again). */
  | { readonly kind: 'discovered'; readonly atMs: number }
  | { readonly kind: 'retire'; readonly atMs: number }
  /** Somebody outside wants a new snapshot; only a feed that watches takes one. */
  | { readonly kind: 'relist'; readonly atMs: number }
  /** A pause, or the re-reading of credentials, is over. */
  | { readonly kind: 'woke'; readonly atMs: number }
  /** Where the server is; '' if it does not say. */
  | { readonly kind: 'located'; readonly resourceVersion: string; readonly atMs: number }
  /** The request was answered with 200. */
  | { readonly kind: 'opened'; readonly atMs: number }
  /** The request, or an open stream, was answered with a failure. */
  | {
      readonly kind: 'refused';
      readonly atMs: number;
      readonly status: number;
      /** Reason and message of the Status; '' if there was none. */
      readonly reason: string;
      readonly message: string;
      /** From Retry-After; 0 if absent. */
      readonly retryAfterMs: number;
    }
  /** One object of a page. */
  | { readonly kind: 'item'; readonly object: ScannedObject; readonly atMs: number }
  /** A page was read to its end. */
  | {
      readonly kind: 'listed';
      readonly resourceVersion: string;
      readonly continueToken: string;
      readonly atMs: number;
    }
  /** One watch event, also within a streaming list. */
  | {
      readonly kind: 'changed';
      readonly change: 'added' | 'modified' | 'deleted';
      readonly object: ScannedObject;
      readonly atMs: number;
    }
  | {
      readonly kind: 'bookmark';
      readonly resourceVersion: string;
      readonly initialEventsEnd: boolean;
      readonly atMs: number;
    }
  /** An object of a page, or of an event, that could not be read though its name could. */
  | {
      readonly kind: 'unreadable';
      /** '' for cluster-scoped objects. */
      readonly namespace: string;
      readonly name: string;
      readonly atMs: number;
    }
  /** The same, and not even its name could be read. */
  | { readonly kind: 'unidentified'; readonly atMs: number }
  /** A watch line that names no object and cannot be read. */
  | { readonly kind: 'malformedEvent'; readonly atMs: number }
  | {
      readonly kind: 'broken';
      readonly cause: BreakCause;
      /** The error's own code, such as `ECONNRESET`; '' if there is none. */
      readonly detail: string;
      readonly atMs: number;
    };

/**
 * What the driver does. `locate`, `list`, `watch`, `sleep`, `reloadCredentials`, `rediscover` and `stop` are
 * activities: one at a time, a new one ends the one before (its connection is closed).
 */
export type FeedEffect =
  /** Ordering: handed over, and its promise awaited, before anything else of this feed is read. */
  | { readonly kind: 'emit'; readonly delta: Delta; readonly bytes: number }
  /** Asks where the server is; ends with `located`, or as any request. */
  | { readonly kind: 'locate'; readonly floor: string }
  | { readonly kind: 'list'; readonly request: ListRequest }
  | { readonly kind: 'watch'; readonly resourceVersion: string }
  /** Draws a time in between; ends with `woke`. */
  | { readonly kind: 'sleep'; readonly minMs: number; readonly maxMs: number }
  /** Ends with `woke`, also if it fails: then the next request says so. */
  | { readonly kind: 'reloadCredentials' }
  /** Asks for a discovery and waits for `discovered` or `retire`. */
  | { readonly kind: 'rediscover' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'countStart'; readonly mode: 'resume' | 'list' }
  | { readonly kind: 'countRelist'; readonly reason: RelistReason }
  /** This server does not offer streaming lists. */
  | { readonly kind: 'noteStreamingRefused' };

/** What the machine is told from outside; constant but for `streamingLists`. */
export interface FeedConfig {
  readonly tuning: WatchTuning;
  readonly filter: ObjectFilter;
  /** Whether to ask for a streaming list when the next snapshot begins. */
  readonly streamingLists: boolean;
}

/** One step's outcome; effects are performed in order. */
export interface FeedStep {
  readonly state: FeedMachineState;
  readonly effects: readonly FeedEffect[];
}

/** No failures. */
export const NO_TROUBLE: Trouble = Object.freeze({
  state: 'lost',
  attempt: 0,
  reason: '',
  sinceMs: 0,
  hasReloaded: false,
});

/** The public, coarser state. A retry that has no answer yet still shows why it is needed. */
export function statusOf(state: FeedMachineState): FeedStatus {
  switch (state.kind) {
    case 'listing':
      return state.phase === 'open' || state.trouble.attempt === 0
        ? { state: 'listing', reason: '', sinceMs: state.sinceMs }
        : statusOfTrouble(state.trouble);
    case 'watching':
      // After a new list all is well again, even before its watch is answered.
      return state.connection.kind === 'open' ||
        state.trouble.attempt === 0 ||
        state.trouble.state === 'expired'
        ? { state: 'watching', reason: '', sinceMs: state.sinceMs }
        : statusOfTrouble(state.trouble);
    case 'locating':
      return state.trouble.attempt === 0
        ? { state: WORD_OF_NEXT[state.next.kind], reason: '', sinceMs: state.sinceMs }
        : statusOfTrouble(state.trouble);
    case 'discovering':
      return { state: 'discovering', reason: state.trouble.reason, sinceMs: state.sinceMs };
    case 'expired':
    case 'lost':
    case 'forbidden':
      return statusOfTrouble(state.trouble);
    case 'retired':
      return { state: 'retired', reason: '', sinceMs: state.sinceMs };
  }
}

const WORD_OF_NEXT = { list: 'listing', watch: 'watching' } as const;

function statusOfTrouble(trouble: Trouble): FeedStatus {
  return { state: trouble.state, reason: trouble.reason, sinceMs: trouble.sinceMs };
}

/** Whether a step changed nothing that others see: the usual case while objects come. */
export function isSamePhase(before: FeedMachineState, after: FeedMachineState): boolean {
  if (before === after) return true;
  if (before.kind === 'watching' && after.kind === 'watching') {
    return (
      before.connection.kind === after.connection.kind &&
      before.trouble === after.trouble &&
      before.sinceMs === after.sinceMs
    );
  }
  return false;
}
