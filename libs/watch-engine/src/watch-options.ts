/**
 * What an account wants followed, and the engine's timings: options in, one validated, frozen
 * {@link ResolvedWatchOptions} out. After {@link resolveWatchOptions} nobody needs a default.
 */

/** A custom kind named by hand, for accounts that cannot read CRDs. */
export interface NamedCustomResource {
  /** `Kind.group`, such as `CronTab.stable.example.com`; case does not matter. */
  readonly kind: string;
  /** @defaultValue 'Namespaced' */
  readonly scope?: 'Namespaced' | 'Cluster';
}

/** Options of one account's watching. */
export interface WatchOptions {
  /** Kinds to follow, in Spinnaker's spelling; `*` for all. @defaultValue the default kinds */
  readonly kinds?: readonly string[];
  /** Kinds not to follow, whatever `kinds` says. @defaultValue [] */
  readonly omitKinds?: readonly string[];
  /** Only these namespaces, one feed per kind and namespace. @defaultValue [] = all */
  readonly namespaces?: readonly string[];
  /** Objects in these namespaces, and the namespaces themselves, never leave. @defaultValue [] */
  readonly omitNamespaces?: readonly string[];
  /** Leave cluster-scoped resources alone; needs `namespaces`. @defaultValue false */
  readonly onlyNamespacedResources?: boolean;
  /** Only objects with annotation `moniker.spinnaker.io/application`. @defaultValue false */
  readonly onlySpinnakerManaged?: boolean;
  /** Custom kinds to follow besides `kinds`. @defaultValue [] */
  readonly customResourceDefinitions?: readonly NamedCustomResource[];
  /** Timings and sizes. */
  readonly tuning?: Partial<WatchTuning>;
}

/** Timings and sizes of the engine. */
export interface WatchTuning {
  /** Objects per page. @defaultValue 500, as client-go and kubectl ask for */
  readonly pageLimit: number;
  /**
   * `auto`: ask for a streaming list first and take pages when it is refused or breaks; `off`:
   * always pages.
   */
  readonly streamingLists: 'auto' | 'off';
  /** A connection without a byte for this long is dead. Above the bookmark interval. */
  readonly idleTimeoutMs: number;
  /** Least and most `timeoutSeconds` that a watch asks for; drawn anew for each watch. */
  readonly watchTimeoutMinSeconds: number;
  readonly watchTimeoutMaxSeconds: number;
  /** First delay after a failure; doubles up to `backoffMaxMs`. */
  readonly backoffBaseMs: number;
  readonly backoffMaxMs: number;
  /** Delay before a forbidden feed is tried again, drawn between this and half as much more. */
  readonly forbiddenRetryMs: number;
  /** A watch that lived this long was healthy: it may be started again at once. */
  readonly healthyWatchMs: number;
  /** Watches closed at once and empty, in a row, that are taken for an expired resourceVersion. */
  readonly emptyWatchesBeforeList: number;
  /** Watches without any byte, in a row, that are taken for a resourceVersion of the future. */
  readonly silentWatchesBeforeList: number;
  /** Time between two discoveries when nothing else asks for one; drawn up to a fifth longer. */
  readonly rediscoverEveryMs: number;
  /** Least time between two discoveries. */
  readonly rediscoverMinMs: number;
  /** Largest object that is read. */
  readonly maxObjectBytes: number;
}
