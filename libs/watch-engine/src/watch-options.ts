/**
 * What an account wants followed, and the engine's timings: options in, one validated, frozen
 * {@link ResolvedWatchOptions} out. After {@link resolveWatchOptions} nobody needs a default.
 */
import { DEFAULT_OBJECT_POLICY, problemsOfPolicy, type ObjectPolicy } from './object-policy.ts';
import { WatchEngineError } from './watch-engine-error.ts';

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
  /** What of the objects may leave. @defaultValue `DEFAULT_OBJECT_POLICY` */
  readonly objects?: ObjectPolicy;
  /** Timings and sizes. */
  readonly tuning?: Partial<WatchTuning>;
}

/** Timings and sizes of the engine; {@link DEFAULT_TUNING} says where each number comes from. */
export interface WatchTuning {
  /** Objects per page. @defaultValue 500 */
  readonly pageLimit: number;
  /**
   * `auto`: ask for a streaming list first and take pages when it is refused or breaks; `off`:
   * always pages. @defaultValue 'auto'
   */
  readonly streamingLists: 'auto' | 'off';
  /** A connection without a byte for so long is dead. Above one minute. @defaultValue 80000 */
  readonly idleTimeoutMs: number;
  /**
   * A list that is silent for so long, or whose output has no room, lends its permit to others until it
   * goes on. Below `idleTimeoutMs`. @defaultValue 2000
   */
  readonly permitPatienceMs: number;
  /** Least `timeoutSeconds` that a watch asks for. @defaultValue 300 */
  readonly watchTimeoutMinSeconds: number;
  /** Most `timeoutSeconds` that a watch asks for; drawn anew for each watch. @defaultValue 600 */
  readonly watchTimeoutMaxSeconds: number;
  /** First pause after a failure; doubles up to `backoffMaxMs`. @defaultValue 800 */
  readonly backoffBaseMs: number;
  /** Longest pause after a failure. @defaultValue 30000 */
  readonly backoffMaxMs: number;
  /** Pause of a forbidden feed, drawn between this and half as much more. @defaultValue 60000 */
  readonly forbiddenRetryMs: number;
  /** A watch that lived so long was healthy and may be started anew at once. @defaultValue 10000 */
  readonly healthyWatchMs: number;
  /** Empty watches in a row that are taken for an expired resourceVersion. @defaultValue 5 */
  readonly emptyWatchesBeforeList: number;
  /** Silent watches in a row that are taken for a resourceVersion of the future. @defaultValue 10 */
  readonly silentWatchesBeforeList: number;
  /** Time to the next discovery if nobody asks for one, or a fifth longer. @defaultValue 300000 */
  readonly rediscoverEveryMs: number;
  /** Least time between two discoveries. @defaultValue 2000 */
  readonly rediscoverMinMs: number;
  /** Largest object that is read, in bytes. @defaultValue 16 MiB */
  readonly maxObjectBytes: number;
}

/** Options with every default filled in; frozen. */
export type ResolvedWatchOptions = Required<Omit<WatchOptions, 'tuning'>> & {
  readonly tuning: WatchTuning;
};

/** The default timings. */
export const DEFAULT_TUNING: WatchTuning = Object.freeze({
  // As client-go's pager and kubectl.
  pageLimit: 500,
  // Comes from the server's watch cache, object by object, so that it costs the server no whole list
  // either. One that breaks falls back to pages: docs/decisions/0012.
  streamingLists: 'auto',
  // kube-apiserver sends a bookmark every minute (cacher.go, bookmarkFrequency), up to 1.25 s late.
  idleTimeoutMs: 80_000,
  // Far above what a living server takes for a page, far below what a dead one is waited for.
  permitPatienceMs: 2_000,
  // client-go asks for 5 to 10 minutes (reflector.go, minWatchTimeout).
  watchTimeoutMinSeconds: 300,
  watchTimeoutMaxSeconds: 600,
  // client-go's reflector: 800 ms, doubling to 30 s.
  backoffBaseMs: 800,
  backoffMaxMs: 30_000,
  // RBAC changes by hand; a request a minute per kind is not felt.
  forbiddenRetryMs: 60_000,
  // Far below the shortest timeoutSeconds, far above a server that closes at once.
  healthyWatchMs: 10_000,
  // With the backoff this is after about 12 s.
  emptyWatchesBeforeList: 5,
  // After about a quarter of an hour; a server without bookmarks then costs one list per that.
  silentWatchesBeforeList: 10,
  rediscoverEveryMs: 300_000,
  rediscoverMinMs: 2_000,
  // Ten times what etcd stores by default.
  maxObjectBytes: 16 * 1024 * 1024,
});

/** Fills in defaults and checks everything. Throws `invalidOptions` with every problem at once. */
export function resolveWatchOptions(options: WatchOptions): ResolvedWatchOptions {
  const resolved: ResolvedWatchOptions = {
    kinds: options.kinds ?? [],
    omitKinds: options.omitKinds ?? [],
    namespaces: options.namespaces ?? [],
    omitNamespaces: options.omitNamespaces ?? [],
    onlyNamespacedResources: options.onlyNamespacedResources ?? false,
    onlySpinnakerManaged: options.onlySpinnakerManaged ?? false,
    customResourceDefinitions: options.customResourceDefinitions ?? [],
    objects: options.objects ?? DEFAULT_OBJECT_POLICY,
    tuning: Object.freeze({ ...DEFAULT_TUNING, ...options.tuning }),
  };
  const problems = [
    ...problemsOfScope(resolved),
    ...problemsOfPolicy(resolved.objects),
    ...problemsOfTuning(resolved.tuning),
  ];
  if (problems.length > 0) throw new WatchEngineError('invalidOptions', problems.join('; '));
  return Object.freeze(resolved);
}

function problemsOfScope(options: ResolvedWatchOptions): string[] {
  const problems: string[] = [];
  const { kinds, omitKinds, namespaces, omitNamespaces, customResourceDefinitions } = options;
  if ([...kinds, ...omitKinds, ...namespaces, ...omitNamespaces].includes('')) {
    problems.push('kinds and namespaces must not be empty words');
  }
  if (options.onlyNamespacedResources && namespaces.length === 0) {
    problems.push('onlyNamespacedResources needs namespaces');
  }
  for (const { kind } of customResourceDefinitions) {
    if (!kind.includes('.')) problems.push(`customResourceDefinitions: '${kind}' names no group`);
  }
  return problems;
}

function problemsOfTuning(tuning: WatchTuning): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(tuning)) {
    if (typeof value === 'number' && !(value > 0)) problems.push(`${name} must be above 0`);
  }
  if (tuning.watchTimeoutMinSeconds > tuning.watchTimeoutMaxSeconds) {
    problems.push('watchTimeoutMinSeconds must not be above watchTimeoutMaxSeconds');
  }
  if (tuning.permitPatienceMs > tuning.idleTimeoutMs) {
    problems.push('permitPatienceMs must not be above idleTimeoutMs');
  }
  if (tuning.backoffBaseMs > tuning.backoffMaxMs) {
    problems.push('backoffBaseMs must not be above backoffMaxMs');
  }
  return problems;
}
