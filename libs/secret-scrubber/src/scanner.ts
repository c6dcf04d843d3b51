/**
 * What a scanner is handed and what it hands back: the words shared by the list and the watch
 * scanner. A scanner takes the bytes of one response body in chunks of any size and answers with
 * events, each as soon as its last byte has arrived. Start at {@link Scanner}.
 */

/** The two implementations of the byte scan; they give the same events, byte for byte. */
export type KernelName = 'wasm' | 'typescript';

/** What a scanner must know of the feed that it reads. */
export interface ScannerOptions {
  /**
   * API version of the feed's resource type: `v1`, `apps/v1`. Items that name none get this one.
   * Like `kind`: printable ASCII without `"` and `\`.
   */
  readonly apiVersion: string;
  /**
   * Kind of the feed's resource type: `Pod`, `Secret`. Items that name none get this one. A feed of
   * core `v1` `Secret` treats every object as a Secret, whatever the object says it is.
   */
  readonly kind: string;
  /**
   * Annotation keys whose string values are wanted in {@link ScannedObject.annotations}; printable
   * ASCII without `"` and `\`. They are read from what leaves: one that is cut (the last-applied copy
   * of a Secret, or one that `redact` or `prune` names) is not there, even when asked for.
   * @defaultValue none
   */
  readonly readAnnotations?: readonly string[];
  /**
   * What was asked of the server. With `metadata`, an object that calls itself a
   * `PartialObjectMetadata` leaves under the feed's own API version and kind. A whole object, from a
   * server that ignored the wish, is accepted as well and treated as ever.
   * @defaultValue 'object'
   */
  readonly form?: 'object' | 'metadata';
  /**
   * Paths of values that must not leave, for every object of the feed, whatever its type; see
   * `checkFieldPath` for how they are written. Each match is removed as a whole member or element and
   * counts as a scrubbed value. With any path, the last-applied copy and `managedFields` go as well,
   * since they repeat values.
   * @defaultValue none
   */
  readonly redact?: readonly string[];
  /**
   * Paths of what is left out since nobody needs it; not counted. From a Secret, `managedFields` goes
   * in any case.
   * @defaultValue `.metadata.managedFields`
   */
  readonly prune?: readonly string[];
  /**
   * Overwrite each chunk with zeros when it has been read, also when reading it failed: for feeds
   * whose chunks hold secret values. The caller must own the chunk and must not need it again.
   * @defaultValue false
   */
  readonly wipeChunks?: boolean;
  /**
   * Whose the objects' memory is. `own`: the receiver's, for as long as it likes. `lent`: the
   * scanner's; an object may be read until {@link Scanner.release}, and where it lies may change
   * whenever a scanner of this thread is used: read `bytes` anew then. This spares a copy and the
   * collector its garbage if all objects of a chunk are done with before the next is scanned.
   * @defaultValue 'own'
   */
  readonly objects?: 'own' | 'lent';
  /**
   * Largest object in bytes, as received; a larger one becomes `unscannable` and the rest goes on.
   * Also the most memory that one scanner holds, apart from a few KiB.
   * @defaultValue 16 MiB, ten times what etcd stores by default (1.5 MiB)
   */
  readonly maxObjectBytes?: number;
  /**
   * Which implementation to use. `wasm` falls back to `typescript` where WebAssembly or its SIMD is
   * not to be had; `availableKernel` tells which one it will be.
   * @defaultValue 'wasm'
   */
  readonly kernel?: KernelName;
}

/**
 * Where an object and its strings stand in one buffer, for whoever passes them on as UTF-8: it need
 * not make the strings. Good as long as the object may be read.
 */
export interface ObjectStretches {
  /** The buffer. */
  readonly source: Buffer;
  /**
   * Pairs of start and end, from {@link first} on: of resourceVersion, namespace, name, uid, and of the
   * object; -1 and -1 for a string that is not there.
   */
  readonly places: Int32Array;
  /** Index in {@link places}. */
  readonly first: number;
}

/**
 * One Kubernetes object without its secret values. What a scanner hands out makes its strings when
 * they are asked for, in accessors: copy fields by name, not by spreading.
 */
export interface ScannedObject {
  /**
   * Scrubbed JSON of this object alone, the receiver's own. It keeps alive the memory of the objects
   * that were taken with it, at most 128 KiB: copy what is to be kept for long. Of a scanner that
   * lends its objects it is good only until a scanner of this thread is used again; see
   * {@link ScannerOptions.objects}.
   */
  readonly bytes: Uint8Array;
  /**
   * The same object where it lies, with its strings; undefined where one of these has escapes or is
   * not ASCII, so that it stands there in other words.
   */
  readonly stretches?: ObjectStretches | undefined;
  /** The object's own API version, or the feed's when the object names none. */
  readonly apiVersion: string;
  /** The object's own kind, or the feed's when the object names none. */
  readonly kind: string;
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  /** Never empty. */
  readonly name: string;
  /** `''` for the few virtual objects without one (metrics, component statuses). */
  readonly uid: string;
  /** `''` when the object has none. */
  readonly resourceVersion: string;
  /** Only keys of {@link ScannerOptions.readAnnotations} that the object has with a string value. */
  readonly annotations: ReadonlyMap<string, string>;
  /**
   * Secret values removed: of a Secret the members of `data` and `stringData`, plus one for a
   * last-applied copy; and one for each match of {@link ScannerOptions.redact}, which counts nothing
   * inside what is removed already. What is only pruned does not count.
   */
  readonly scrubbedValues: number;
}

/**
 * Why no byte of an object was let through:
 * `tooLarge` above `maxObjectBytes`; `tooDeep` nested beyond 10 000 levels; `duplicateKey` a key
 * that decides about scrubbing stands twice; `invalidUtf8`; `badIdentity` no usable
 * kind, API version, metadata or name; `malformed` not JSON, or not a watch event.
 */
export type UnscannableReason =
  'tooLarge' | 'tooDeep' | 'duplicateKey' | 'invalidUtf8' | 'badIdentity' | 'malformed';

/** An object that was held back whole; name and namespace as far as they were read. */
export interface UnscannableEvent {
  readonly kind: 'unscannable';
  /** See {@link UnscannableReason}. */
  readonly reason: UnscannableReason;
  /** Absent when the scan stopped before it. */
  readonly name?: string;
  /** Absent when the scan stopped before it, or for a cluster-scoped object. */
  readonly namespace?: string;
}

/** What a list body yields. */
export type ListScanEvent =
  /** One item, in the order of the body. */
  | { readonly kind: 'object'; readonly object: ScannedObject }
  /** Once, when the body is closed; `''` for what the server left out. */
  | {
      readonly kind: 'listMeta';
      /** Version of the whole list: where a watch may go on. */
      readonly resourceVersion: string;
      /** Asks for the next page; `''` on the last. */
      readonly continueToken: string;
    }
  /** The body was a Status instead of a list; `code` is 0 when it has none. */
  | StatusEvent<'status'>
  | UnscannableEvent;

/** What a watch body yields, one event per line. */
export type WatchScanEvent =
  /** A change; of a deleted object its last state. */
  | { readonly kind: 'added' | 'modified' | 'deleted'; readonly object: ScannedObject }
  /** How far the watch has come, without a change. */
  | {
      readonly kind: 'bookmark';
      /** Where a watch may go on. */
      readonly resourceVersion: string;
      /** The annotation `k8s.io/initial-events-end` is `"true"`: a streamed list is complete. */
      readonly initialEventsEnd: boolean;
    }
  /** The server ends the watch with a Status; `code` is 0 when it has none. */
  | StatusEvent<'error'>
  | UnscannableEvent;

/** The three members of a Kubernetes Status that are let through; `''` and 0 when absent. */
export interface StatusEvent<K extends 'status' | 'error'> {
  readonly kind: K;
  /** HTTP status code: 410, 403, 500. */
  readonly code: number;
  /** Machine-readable word: `Expired`, `Forbidden`. */
  readonly reason: string;
  /** Text for people. */
  readonly message: string;
}

/** Reads one response body; not to be used again after `end` or `dispose`. */
export interface Scanner<E> {
  /**
   * Takes the next bytes of the body; the chunk is not kept, and not written to unless
   * {@link ScannerOptions.wipeChunks} says so.
   * @throws ScrubberError when the body is no such body; events found before the fault are handed
   * out first, the fault is thrown by the next call then.
   */
  push(chunk: Uint8Array): readonly E[];
  /**
   * Tells that the body is over.
   * @throws ScrubberError `truncated` when it stopped in the middle.
   */
  end(): readonly E[];
  /**
   * For a scanner that lends its objects: nobody needs those handed out so far any more. Reading one
   * that was not copied meanwhile throws.
   */
  release(): void;
  /** Wipes and frees what is carried; allowed at any time and more than once. */
  dispose(): void;
}
