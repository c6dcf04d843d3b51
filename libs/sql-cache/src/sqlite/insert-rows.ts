/** Inserts rows that are believed to be new (primary key `(id, agent)`). */
import type { UpsertRows } from '../dialect.ts';
import { RowsStored } from '../rows-stored.ts';
import { forEachInTurns } from './event-loop-turns.ts';
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';

/** Bodies are bound as bytes and stored as text: `CAST` takes them as UTF-8 and copies nothing. */
export async function insertRows(connection: SqliteConnection, request: UpsertRows): Promise<void> {
  const statement = connection.prepare(`
    INSERT INTO ${quoted(request.table)} (id, agent, body_hash, body, last_updated)
    VALUES (?, ?, ?, CAST(? AS TEXT), ?)
    ON CONFLICT (id, agent) DO NOTHING`);
  const { agent, nowMs } = request;
  await forEachInTurns(request.rows, (row) => {
    const { changes } = statement.run(row.id, agent, row.bodyHash, row.body, nowMs);
    if (changes !== 1) throw new RowsStored();
  });
}
