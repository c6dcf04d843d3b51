/**
 * What comes out of a feed and where it goes: deltas in order, a status, and a promise when there
 * is no room. The receiver implements {@link DeltaSink}; the engine never holds a cluster's objects.
 */
import type { ScannedObject } from '@fairlead/secret-scrubber';
import type { FeedKey, FeedName } from './resource-type.ts';

/**
 * One change on a feed.
 *
 * `init` begins a snapshot (and abandons an unfinished one); what was not in it at a complete
 * `initDone` is gone. Between them come `initApplied` and, from servers that stream lists, `deleted` for an
 * object that went away meanwhile; the same object may come twice. `initKept` stands for an object
 * that is there but could not be read: whatever is known of it from before stays.
 */
export type Delta =
  /** A snapshot begins. */
  | { readonly kind: 'init' }
  /** An object of the snapshot. */
  | {
      readonly kind: 'initApplied';
      /** Lent; see {@link FeedOutput.write}. */
      readonly object: ScannedObject;
      /** When its bytes were read, Unix milliseconds. */
      readonly readAtMs: number;
    }
  /** An object of the snapshot that could not be read. */
  | {
      readonly kind: 'initKept';
      /** '' for cluster-scoped objects. */
      readonly namespace: string;
      /** Never empty. */
      readonly name: string;
      /** When its bytes were read, Unix milliseconds. */
      readonly readAtMs: number;
    }
  /** The snapshot is over. */
  | {
      readonly kind: 'initDone';
      /** Version of the snapshot: where a watch may go on. */
      readonly resourceVersion: string;
      /**
       * False: an object of the snapshot could not be read and not even its name is known, so what
       * was not in the snapshot may be there nevertheless: nothing may be taken for gone.
       */
      readonly isComplete: boolean;
      /** When its end was read, Unix milliseconds. */
      readonly readAtMs: number;
    }
  /** An object was made, changed or deleted; of a deleted one its last state. */
  | {
      readonly kind: 'applied' | 'deleted';
      /** Lent; see {@link FeedOutput.write}. Its resourceVersion is a checkpoint outside snapshots. */
      readonly object: ScannedObject;
      /** When its bytes were read, Unix milliseconds. */
      readonly readAtMs: number;
    }
  /** Nothing changed up to this version. */
  | {
      readonly kind: 'checkpoint';
      /** Where a watch may go on. */
      readonly resourceVersion: string;
      /** When it was read, Unix milliseconds. */
      readonly readAtMs: number;
    };

/** The word for a delta in logs and metrics. */
export type DeltaKind = Delta['kind'];

/** What a feed is doing, in the words of status, logs and metrics. */
export type FeedState =
  'discovering' | 'listing' | 'watching' | 'expired' | 'lost' | 'forbidden' | 'retired';

/** A feed's state as others see it. */
export interface FeedStatus {
  /** What it is doing. */
  readonly state: FeedState;
  /** Why, in a few words without any object's content; '' when all is well. */
  readonly reason: string;
  /** When this state began; retries within it do not move it. Unix milliseconds. */
  readonly sinceMs: number;
}

/** Receiver of one feed. */
export interface FeedOutput {
  /**
   * Takes a delta. A returned promise means "no room": the feed stops reading its socket until it
   * settles. `bytes` is what the delta's object weighs (0 for deltas without one).
   *
   * The object is lent: it may be read until `write` returns, or the promise settles, and throws
   * afterwards. Its `bytes` may move while the promise is pending: read them anew then. Whoever
   * needs more copies.
   */
  write(delta: Delta, bytes: number): Promise<void> | void;
  /** Told on every change of the status, before any delta that follows from it. */
  status(status: FeedStatus): void;
}

/** Receiver of all feeds of one account. */
export interface DeltaSink {
  /** A feed begins. A feed of another version but the same name replaces the earlier one. */
  open(feed: FeedKey): FeedOutput;
  /** The type is gone for sure, or is no longer wanted: its rows may go. */
  retire(feed: FeedName): void;
}

/** Up to where a feed's deltas are known to be committed. */
export interface Checkpoint {
  /** API group; '' for the core group. */
  readonly group: string;
  /** Version of the type; a checkpoint of another version than is served now is not used. */
  readonly version: string;
  /** Plural name, as in paths. */
  readonly resource: string;
  /** Kind of one object. */
  readonly kind: string;
  /** '' = all namespaces, or a cluster-scoped type. */
  readonly namespace: string;
  /**
   * Opaque; only ever given back to the API server. '' if no snapshot was ever complete: there may be
   * rows, which a new snapshot or a retirement must settle.
   */
  readonly resourceVersion: string;
  /** Scope of the type: with it the feed is opened even while its group cannot be discovered. */
  readonly namespaced: boolean;
}
