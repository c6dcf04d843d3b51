/** The door of the room: projecting Kubernetes objects to Clouddriver's cache rows. */
export { ObjectProjector, projectObject } from './project-object.ts';
export type {
  LogicalRow,
  LogicalRows,
  Projection,
  ProjectionContext,
  ReverseRelation,
} from './projection.ts';
export { parseObjectView, type KubernetesObjectView, type ObjectReference } from './object-view.ts';
export { reverseRelationsOf, type Relations } from './relations.ts';
export { attributesMark, readRowHead, rowHeadChars, type RowHead } from './row-head.ts';
export { readSelection, type Selection } from './selection.ts';
export { SelectionIndex, type RelationRows, type SelectionChange } from './selection-index.ts';
export { readAnnotations, type Moniker } from './moniker.ts';
export {
  accountOfAgent,
  cachingAgentName,
  defaultCachedKinds,
  isNativeGroup,
  isNativeKind,
  nativeKinds,
  spinnakerKind,
  spinnakerRole,
  unregisteredAgentName,
  type SpinnakerRole,
} from './kinds.ts';
export {
  applicationKey,
  applicationKeyOfCluster,
  clusterKey,
  infrastructureKey,
  infrastructureKeyPrefix,
  parseInfrastructureKey,
  type ClusterKey,
  type InfrastructureKey,
} from './keys.ts';
export { membersOf, valueIn, type Stretch } from './json-members.ts';
export { ModelError, type ModelErrorCode } from './model-error.ts';
