/** Makes a type's two tables like the templates. */
import { errorCode } from '../fault.ts';
import { quoted, type PgConnection } from './pg-connection.ts';
import { relationTemplate, resourceTemplate } from '../table-names.ts';

/** Two processes that make the same table at once: the second finds the name or its type taken. */
const alreadyThere: ReadonlySet<string> = new Set(['42P07', '42710', '23505']);

/** Makes the tables that are not there. */
export async function createTables(
  connection: PgConnection,
  tables: { readonly resource: string; readonly relation: string },
): Promise<void> {
  await createLike(connection, tables.resource, resourceTemplate);
  await createLike(connection, tables.relation, relationTemplate);
}

async function createLike(
  connection: PgConnection,
  table: string,
  template: string,
): Promise<void> {
  const text = `CREATE TABLE IF NOT EXISTS ${quoted(table)} (LIKE ${template} INCLUDING ALL)`;
  try {
    await connection.query(text);
  } catch (error: unknown) {
    if (!alreadyThere.has(errorCode(error))) throw error;
  }
}
