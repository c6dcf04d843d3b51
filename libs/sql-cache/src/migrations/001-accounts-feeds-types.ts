/** Accounts with their epochs, feeds with their checkpoints, and the types that have tables. */
import type { Knex } from 'knex';

/** Makes the three tables. */
export async function up(db: Knex): Promise<void> {
  await db.schema.createTable('fairlead_accounts', (table) => {
    exactText(db, table);
    table.string('name', 255).notNullable().primary();
    table.string('state', 32).notNullable();
    table.bigInteger('epoch').notNullable();
    table.string('agent_id', 255).notNullable();
    table.string('bridge_id', 255).notNullable();
    table.string('link_id', 255).notNullable();
    table.string('cluster_server', 1024).notNullable();
    table.string('cluster_certificate', 128).notNullable();
    table.string('cluster_version', 128).notNullable();
    table.string('cluster_uid', 128).notNullable();
    table.text('properties', 'mediumtext').notNullable();
    table.text('kinds', 'mediumtext').notNullable();
    table.bigInteger('created_at_ms').notNullable();
    table.bigInteger('updated_at_ms').notNullable();
    table.bigInteger('grace_deadline_ms').nullable();
  });
  await db.schema.createTable('fairlead_feeds', (table) => {
    exactText(db, table);
    table.string('account', 255).notNullable();
    table.string('api_group', 253).notNullable();
    table.string('resource', 128).notNullable();
    table.string('namespace', 63).notNullable();
    table.string('version', 63).notNullable();
    table.string('kind', 128).notNullable();
    table.smallint('is_namespaced').notNullable();
    table.string('type', 400).notNullable();
    table.string('resource_version', 255).notNullable();
    table.bigInteger('as_of_ms').notNullable();
    table.string('state', 32).notNullable();
    table.string('reason', 1024).notNullable();
    table.bigInteger('state_since_ms').notNullable();
    table.bigInteger('updated_at_ms').notNullable();
    table.primary(['account', 'api_group', 'resource', 'namespace']);
  });
  await db.schema.createTable('fairlead_types', (table) => {
    exactText(db, table);
    table.string('type', 400).notNullable().primary();
    table.smallint('has_rows').notNullable();
  });
}

/** Nothing of ours may be dropped by a program. */
export async function down(): Promise<void> {
  return Promise.reject(new Error('migrations only go up'));
}

/** MySQL would otherwise take names that differ in case for the same. */
function exactText(db: Knex, table: Knex.CreateTableBuilder): void {
  const { driverName } = db.client as Knex.Client;
  if (driverName !== 'mysql2') return;
  table.charset('utf8mb4');
  table.collate('utf8mb4_bin');
}
