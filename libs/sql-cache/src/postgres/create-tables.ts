/** Makes a type's two tables like the templates. */
import { errorCode } from '../fault.ts';
import { quoted, type PgConnection } from './pg-connection.ts';
import { relationTemplate, resourceTemplate } from '../table-names.ts';

/** Two processes that make the same table at once: the second finds the name or its type taken. */
const alreadyThere: ReadonlySet<string> = new Set(['42P07', '42710', '23505']);

/**
 * Does not wait for the disk: whatever is committed into the table later stands behind it in the
 * log, and waits. Local to the transaction that several statements in one message are.
 */
const withoutFlush = `SELECT set_config('synchronous_commit', 'off', true)`;

/**
 * Three rows to a page (`MaximumBytesPerTuple(3)`) instead of four: an object of 3 to 5 KB, compressed,
 * stays in its row, which costs a sixth less than one beside it. A setting of tables since 11.
 * @see https://www.postgresql.org/docs/current/sql-createtable.html#RELOPTION-TOAST-TUPLE-TARGET
 */
const rowsStayWhole = { sinceVersion: 11, text: ' WITH (toast_tuple_target = 2712)' };

/** Makes the tables that are not there, both in one round trip and one transaction. */
export async function createTables(
  connection: PgConnection,
  tables: { readonly resource: string; readonly relation: string },
  majorVersion: number,
): Promise<void> {
  const further = majorVersion >= rowsStayWhole.sinceVersion ? rowsStayWhole.text : '';
  const resource = createLike(tables.resource, resourceTemplate) + further;
  const relation = createLike(tables.relation, relationTemplate);
  if (await succeeds(connection, `${withoutFlush}; ${resource}; ${relation}`)) return;
  // Somebody made one of them at the same moment, which has undone both.
  await succeeds(connection, resource);
  await succeeds(connection, relation);
}

function createLike(table: string, template: string): string {
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (LIKE ${template} INCLUDING ALL)`;
}

/** False when the table was made by somebody else meanwhile. */
async function succeeds(connection: PgConnection, text: string): Promise<boolean> {
  try {
    await connection.query(text);
    return true;
  } catch (error: unknown) {
    if (alreadyThere.has(errorCode(error))) return false;
    throw error;
  }
}
