/**
 * Brings Fairlead's own tables (`fairlead_*`) to the newest shape. Migrations are numbered and only
 * ever added; a database that knows more of them than this program is left alone.
 */
import type { Knex } from 'knex';
import * as accountsFeedsTypes from './migrations/001-accounts-feeds-types.ts';
import * as deadLetters from './migrations/002-dead-letters.ts';
import * as feedPolicies from './migrations/003-feed-policies.ts';
import * as bridges from './migrations/004-bridges.ts';
import * as rowsAhead from './migrations/005-rows-ahead.ts';
import * as bridgeDoors from './migrations/006-bridge-doors.ts';
import * as commitCounts from './migrations/007-commit-counts.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import type { Dialect } from './dialect.ts';

interface NamedMigration {
  readonly name: string;
  readonly migration: Knex.Migration;
}

const migrations: readonly NamedMigration[] = [
  { name: '001-accounts-feeds-types', migration: accountsFeedsTypes },
  { name: '002-dead-letters', migration: deadLetters },
  { name: '003-feed-policies', migration: feedPolicies },
  { name: '004-bridges', migration: bridges },
  { name: '005-rows-ahead', migration: rowsAhead },
  { name: '006-bridge-doors', migration: bridgeDoors },
  { name: '007-commit-counts', migration: commitCounts },
];

const migrationSource: Knex.MigrationSource<NamedMigration> = {
  getMigrations: () => Promise.resolve([...migrations]),
  getMigrationName: (entry) => entry.name,
  getMigration: (entry) => Promise.resolve(entry.migration),
};

const config = {
  migrationSource,
  tableName: 'fairlead_migrations',
  // What is there and not in our list is checked here, with an error of our own.
  disableMigrationsListValidation: true,
};

/**
 * Migrates. The dialect's schema lock, which the server gives back when a process dies, keeps
 * several starting bridges apart; knex's own lock is a row that would outlive one.
 * @throws SqlCacheError `schemaTooNew`
 */
export async function migrateOwnTables(dialect: Dialect): Promise<void> {
  await dialect.withSchemaLock(async () => {
    await refuseNewer(dialect.knex);
    await dialect.knex.migrate.forceFreeMigrationsLock(config);
    await dialect.knex.migrate.latest(config);
  });
}

async function refuseNewer(db: Knex): Promise<void> {
  const known = new Set(migrations.map((entry) => entry.name));
  const [completed] = (await db.migrate.list(config)) as [readonly { readonly name: string }[]];
  const newer = completed.find((done) => !known.has(done.name));
  if (newer === undefined) return;
  throw new SqlCacheError('schemaTooNew', `a newer release has applied ${newer.name}`);
}
