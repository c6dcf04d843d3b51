/** What the agent cut out of the objects of a feed, beside the feed's checkpoint. */
import type { Knex } from 'knex';

/** Adds the column; '' for feeds from before, so that their rows count as of another policy. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('fairlead_feeds', (table) => {
    table.string('policy', 64).notNullable().defaultTo('');
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}
