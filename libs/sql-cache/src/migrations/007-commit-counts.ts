/** How many commits of an account were made without waiting for the disk. */
import type { Knex } from 'knex';

/** Adds the column. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('fairlead_accounts', (table) => {
    table.bigInteger('commits').notNullable().defaultTo(0);
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}
