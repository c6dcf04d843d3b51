/** Which rows of a feed are newer than its checkpoint, beside the checkpoint. */
import type { Knex } from 'knex';

/** Adds the column; NULL for feeds from before, which had none. MySQL gives no default to texts. */
export async function up(db: Knex): Promise<void> {
  await db.schema.alterTable('fairlead_feeds', (table) => {
    table.text('ahead').nullable();
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}
