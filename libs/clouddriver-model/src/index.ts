/** The door of the room: projecting Kubernetes objects to Clouddriver's cache rows. */
export type {
  LogicalRow,
  LogicalRows,
  Projection,
  ProjectionContext,
  ReverseRelation,
} from './projection.ts';
export { ModelError, type ModelErrorCode } from './model-error.ts';
