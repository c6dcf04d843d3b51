/**
 * The door of watch-engine. Start at {@link AccountWatcher}; `feed-machine.ts` is what it is about.
 */
export { AccountWatcher } from './account-watcher.ts';
export { apiVersionOf, collectionPath } from './resource-type.ts';
export { discover } from './discover.ts';
export {
  DEFAULT_KINDS,
  isNativeGroup,
  kindMatcher,
  selectTypes,
  spinnakerKindOf,
} from './kind-selector.ts';
export { ListPermits } from './list-permits.ts';
export { MANAGED_ANNOTATION, objectFilter } from './object-filter.ts';
export {
  DEFAULT_OBJECT_POLICY,
  formOf,
  redactedPathsOf,
  scannerOptionsOf,
} from './object-policy.ts';
export { noObserver } from './watch-observer.ts';
export { WatchEngineError } from './watch-engine-error.ts';
export { DEFAULT_TUNING, resolveWatchOptions } from './watch-options.ts';

export type { AccountPermits, ListPermit, ListPermitsOptions } from './list-permits.ts';
export type { ListingTurn } from './listing-turns.ts';
export type { AccountWatcherDeps, FeedReport } from './account-watcher.ts';
export type { MetadataListing } from './metadata-list.ts';
export type { Catalog } from './discover.ts';
export type {
  Checkpoint,
  Delta,
  DeltaKind,
  DeltaSink,
  FeedOutput,
  FeedState,
  FeedStatus,
} from './delta-sink.ts';
export type {
  ClusterApi,
  ClusterApiRequest,
  ClusterApiResponse,
  Clock,
  Random,
} from './cluster-api.ts';
export type {
  DiscoverySummary,
  RelistReason,
  UnscannableObject,
  WatchObserver,
} from './watch-observer.ts';
export type { FeedKey, FeedName, ResourceType } from './resource-type.ts';
export type { FieldRule, ObjectForm, ObjectPolicy } from './object-policy.ts';
export type { FilterVerdict, ObjectFilter, ObjectFilterOptions } from './object-filter.ts';
export type { KindSelection, SelectedTypes } from './kind-selector.ts';
export type {
  NamedCustomResource,
  ResolvedWatchOptions,
  WatchOptions,
  WatchTuning,
} from './watch-options.ts';
export type { ScannerFactory } from './feed-exchange.ts';
export type { WatchEngineErrorCode } from './watch-engine-error.ts';
