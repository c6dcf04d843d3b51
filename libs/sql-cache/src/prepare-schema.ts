/**
 * Waits until the database can be worked with: it answers, Clouddriver's templates are there (or
 * are made, when the database is ours alone) and our own tables are of this release.
 */
import { relationTemplate, resourceTemplate } from './table-names.ts';
import type { ResolvedSqlCacheOptions, SqlClock, SqlObserver } from './sql-cache-options.ts';
import type { Dialect } from './dialect.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import type { TypeTables } from './type-tables.ts';
import { migrateOwnTables } from './migrate-own-tables.ts';
import { rejectedError } from './fault.ts';

/** What preparing needs. */
export interface PrepareDeps {
  readonly dialect: Dialect;
  readonly types: TypeTables;
  readonly clock: SqlClock;
  readonly observer: SqlObserver;
  readonly schema: ResolvedSqlCacheOptions['schema'];
}

/** Short enough to start soon after the database does, long enough not to crowd it. */
const waitMs = 1000;

/**
 * Prepares the database.
 * @throws SqlCacheError `aborted`, `schemaTooNew`, or `rejected` for what waiting does not cure
 */
export async function prepareSchema(deps: PrepareDeps, signal: AbortSignal): Promise<void> {
  for (;;) {
    const reason = await attempt(deps);
    if (reason === undefined) return;
    deps.observer.waiting?.(reason);
    try {
      await deps.clock.sleep(waitMs, signal);
    } catch {
      // Only the signal ends a sleep early.
      throw new SqlCacheError('aborted', `stopped while waiting: ${reason}`);
    }
  }
}

/** Gives the reason to wait, if there is one. */
async function attempt(deps: PrepareDeps): Promise<string | undefined> {
  try {
    if (deps.schema === 'standalone') await makeTemplates(deps.dialect);
    const missing = await missingTemplates(deps.dialect);
    if (missing.length > 0) return `Clouddriver has not made ${missing.join(' and ')} yet`;
    await migrateOwnTables(deps.dialect);
    await deps.types.load();
    return undefined;
  } catch (error: unknown) {
    if (error instanceof SqlCacheError) throw error;
    const fault = deps.dialect.classify(error);
    if (fault.kind !== 'transient') throw rejectedError(error);
    return `database: ${fault.reason}`;
  }
}

async function makeTemplates(dialect: Dialect): Promise<void> {
  await dialect.withSchemaLock(() => dialect.createTemplates());
}

async function missingTemplates(dialect: Dialect): Promise<readonly string[]> {
  const found = await dialect.findTemplates();
  return [resourceTemplate, relationTemplate].filter((name) => !found.includes(name));
}
