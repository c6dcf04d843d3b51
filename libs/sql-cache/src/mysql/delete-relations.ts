/** Deletes relation rows by primary key (`uuid`). */
import {
  changePrepared,
  inStatements,
  ofSmallSize,
  placeholders,
  quoted,
} from './mysql-connection.ts';
import type { Connection } from 'mysql2';
import type { DeleteRelations } from '../dialect.ts';

/** Some statements per table, whatever the number of rows. */
export async function deleteRelations(
  connection: Connection,
  request: DeleteRelations,
): Promise<void> {
  for (const uuids of inStatements(request.uuids, ofSmallSize)) {
    const text = `
      DELETE FROM ${quoted(request.table)} WHERE uuid IN (${placeholders(uuids.length)})`;
    await changePrepared(connection, { text, values: uuids });
  }
}
