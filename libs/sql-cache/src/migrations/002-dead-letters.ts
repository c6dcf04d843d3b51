/** Objects and rows that were put aside, each with what is needed to try it again. */
import type { Knex } from 'knex';

/** Makes the table. Names of objects are cut nowhere: they are `text`, and no index holds them. */
export async function up(db: Knex): Promise<void> {
  const isMysql = (db.client as Knex.Client).driverName === 'mysql2';
  await db.schema.createTable('fairlead_dead_letters', (table) => {
    if (isMysql) {
      table.charset('utf8mb4');
      table.collate('utf8mb4_bin');
    }
    table.string('id', 32).notNullable().primary();
    table.string('account', 255).notNullable();
    table.string('api_group', 253).notNullable();
    table.string('resource', 128).notNullable();
    table.string('kind', 128).notNullable();
    table.string('feed_namespace', 63).notNullable();
    table.string('type', 400).notNullable();
    table.text('row_id', 'mediumtext').notNullable();
    table.text('object_namespace', 'mediumtext').notNullable();
    table.text('object_name', 'mediumtext').notNullable();
    table.string('uid', 255).notNullable();
    table.string('resource_version', 255).notNullable();
    table.string('operation', 8).notNullable();
    table.string('reason', 64).notNullable();
    table.string('message', 1024).notNullable();
    table.bigInteger('first_seen_ms').notNullable();
    table.bigInteger('last_seen_ms').notNullable();
    table.integer('attempts').notNullable();
    table.bigInteger('payload_bytes').notNullable();
    // `binary` would be 64 KiB on MySQL.
    if (isMysql) table.specificType('payload', 'mediumblob').nullable();
    else table.binary('payload').nullable();
    table.index(['account', 'id'], 'fairlead_dead_letters_account');
    table.index(['reason'], 'fairlead_dead_letters_reason');
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}
