/** What tests of this room, and of those that use it, are made with. */
export { aFeedKey, aPod } from './a-pod.ts';
export { errorEvent, isPositionRequest, MemoryCluster, PODS } from './memory-cluster.ts';
export { FakeClock, seededRandom, settle } from './fake-clock.ts';
export {
  MemoryBody,
  memoryResponse,
  statusObject,
  statusResponse,
  wholeResponse,
} from './memory-response.ts';
export { RecordingSink } from './recording-sink.ts';

export type { ClusterBackup, ClusterObject, Interceptor, ObjectDraft } from './memory-cluster.ts';
export type { RecordedFeed, SeenObject } from './recording-sink.ts';
