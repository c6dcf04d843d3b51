/** Why work is done again, whatever the database: the closed set that metrics may have as a label. */
import { connectionReasons } from './fault.ts';
import { mysqlReasons } from './mysql/retryable-errnos.ts';
import { postgresReasons } from './postgres/retryable-sqlstates.ts';
import { sqliteReasons } from './sqlite/retryable-result-codes.ts';

/** Every `reason` that {@link SqlObserver.retrying} may tell, sorted. */
export const transientReasons: readonly string[] = [
  ...new Set([...connectionReasons, ...mysqlReasons, ...postgresReasons, ...sqliteReasons]),
].sort();
