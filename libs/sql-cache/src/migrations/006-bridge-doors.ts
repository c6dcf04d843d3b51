/** Where a bridge takes the requests of the others, and how they know each other. */
import type { Knex } from 'knex';

/** Adds the columns. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('fairlead_bridges', (table) => {
    table.string('address', 255).notNullable().defaultTo('');
    // Texts have no default in MySQL 5.7.
    table.text('public_key');
    table.text('certificate');
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}
