/** The door of the room: Clouddriver's cache tables and Fairlead's own state in SQL. */
export { openSqlCache } from './open-sql-cache.ts';
export { examineDatabase } from './examine-database.ts';
export type {
  DatabaseExamination,
  DatabaseFacts,
  DatabaseTask,
  RefusedStatement,
} from './examine-database.ts';
export type {
  RetryEvent,
  SqlCacheOptions,
  SqlClock,
  SqlObserver,
  SqlRandom,
} from './sql-cache-options.ts';
export type {
  CommitOptions,
  CommitResult,
  CommitUnit,
  FeedCheckpoint,
  FeedName,
  ListIdsQuery,
  MoveAccountRequest,
  MovedAccount,
  RemoveAccountRequest,
  RemovedAccount,
  RowKey,
  SqlCache,
  StoredBody,
  StoredFeed,
  RowsById,
  RowsOfAgent,
  StoredVersion,
} from './sql-cache.ts';
export type {
  AccountDefinition,
  AccountDefinitions,
  DefinitionOutcome,
} from './account-definitions.ts';
export type { AgentLocks, HoldLocks, HoldOutcome } from './agent-locks.ts';
export {
  deadLetterId,
  maxDeadLetterBytes,
  type DeadLetter,
  type DeadLetterChanges,
  type DeadLetters,
  type StoredDeadLetter,
} from './dead-letter.ts';
export { parseLabelSelector, type LabelMatcher } from './label-selector.ts';
export { manifestBytes, manifestIn } from './manifest-bytes.ts';
export { noDoor } from './bridge-beats.ts';
export type { BridgeBeats, BridgeDoor, StoredBridge } from './bridge-beats.ts';
export type {
  AccountHead,
  AccountOwner,
  AccountStore,
  AccountUpdate,
  StoredAccount,
  StoredAccountState,
  StoredClusterIdentity,
  TakeOverRequest,
  TakeOverResult,
} from './account-store.ts';
export type { SearchItem, SearchPage, SearchQuery } from './search.ts';
export { transientReasons } from './transient-reasons.ts';
export { SqlCacheError, type SqlCacheErrorCode } from './sql-cache-error.ts';
