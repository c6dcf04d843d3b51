/** The door of the room: Clouddriver's cache tables and Fairlead's own state in SQL. */
export type {
  CommitOptions,
  CommitResult,
  CommitUnit,
  FeedCheckpoint,
  FeedName,
  ListIdsQuery,
  RefusedRow,
  RemoveAccountRequest,
  RowKey,
  SqlCache,
  StoredFeed,
} from './sql-cache.ts';
export type {
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
export { SqlCacheError, type SqlCacheErrorCode } from './sql-cache-error.ts';
