export type {
  ClusterApi,
  ClusterApiRequest,
  ClusterApiResponse,
  Clock,
  Random,
} from './cluster-api.ts';
export type {
  Checkpoint,
  Delta,
  DeltaKind,
  DeltaSink,
  FeedOutput,
  FeedState,
  FeedStatus,
} from './delta-sink.ts';
export { apiVersionOf, collectionPath } from './resource-type.ts';
export type { FeedKey, FeedName, ResourceType } from './resource-type.ts';
export { noObserver } from './watch-observer.ts';
export type {
  DiscoverySummary,
  RelistReason,
  UnscannableObject,
  WatchObserver,
} from './watch-observer.ts';
export type { NamedCustomResource, WatchOptions, WatchTuning } from './watch-options.ts';
