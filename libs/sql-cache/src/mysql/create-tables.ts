/** Makes a type's two tables like the templates. */
import { quoted, runText } from './mysql-connection.ts';
import { relationTemplate, resourceTemplate } from '../table-names.ts';
import type { Connection } from 'mysql2';

/** Makes the tables that are not there; the server keeps two makers of one table apart. */
export async function createTables(
  connection: Connection,
  tables: { readonly resource: string; readonly relation: string },
): Promise<void> {
  await createLike(connection, tables.resource, resourceTemplate);
  await createLike(connection, tables.relation, relationTemplate);
}

async function createLike(connection: Connection, table: string, template: string): Promise<void> {
  await runText(connection, `CREATE TABLE IF NOT EXISTS ${quoted(table)} LIKE ${template}`);
}
