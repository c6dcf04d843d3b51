/** Bridges that count up while they live, and the process of the agent that feeds an account. */
import type { Knex } from 'knex';

/** Makes the table and the column. */
export async function up(db: Knex): Promise<void> {
  const isMysql = (db.client as Knex.Client).driverName === 'mysql2';
  await db.schema.createTable('fairlead_bridges', (table) => {
    if (isMysql) {
      table.charset('utf8mb4');
      table.collate('utf8mb4_bin');
    }
    table.string('bridge_id', 255).notNullable().primary();
    table.bigInteger('beat').notNullable();
    table.bigInteger('started_at_ms').notNullable();
    table.bigInteger('beat_at_ms').notNullable();
  });
  await db.schema.alterTable('fairlead_accounts', (table) => {
    table.string('instance_id', 255).notNullable().defaultTo('');
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}
