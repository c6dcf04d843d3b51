/**
 * The one error class of this room. Errors that pass by themselves are retried inside and never
 * reach a caller, except as the cause of `aborted`.
 */

/**
 * What went wrong.
 *
 * - `fenced`: the account's epoch in SQL is not the writer's. Somebody else feeds it now; retrying
 *   never helps, the writer must stop feeding.
 * - `commitsLost`: a crash of the server has lost transactions that had not waited for the disk. What
 *   is stored is true all the same, but older than what the writer has written: it must begin again
 *   from there, under another epoch.
 * - `rejected`: the database refuses this unit for what is in it. Retrying the same unit never
 *   helps; the caller may commit its rows in smaller parts to find the one that spoils it.
 * - `aborted`: the caller's signal, or `close()`, ended the retries. Nothing of the unit is
 *   committed for certain, and it may be committed again as it is.
 * - `schemaTooNew`: a newer release has migrated Fairlead's own tables. Upgrade this process.
 * - `invalidOptions`: the options given to `openSqlCache` are wrong; every problem is in the message.
 */
export type SqlCacheErrorCode =
  'fenced' | 'commitsLost' | 'rejected' | 'aborted' | 'schemaTooNew' | 'invalidOptions';

/** A failure of the cache, with a code to switch on and the driver's error as `cause`. */
export class SqlCacheError extends Error {
  /** What went wrong. */
  readonly code: SqlCacheErrorCode;

  constructor(
    code: SqlCacheErrorCode,
    message: string,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options);
    this.name = 'SqlCacheError';
    this.code = code;
  }
}
