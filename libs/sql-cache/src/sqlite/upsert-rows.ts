/** Inserts rows, or updates those whose hash differs (primary key `(id, agent)`). */
import { quoted, type SqliteConnection } from './node-sqlite-client.ts';
import type { UpsertRows } from '../dialect.ts';
import { forEachInTurns } from './event-loop-turns.ts';

/** Bodies are bound as bytes and stored as text: `CAST` takes them as UTF-8 and copies nothing. */
export async function upsertRows(connection: SqliteConnection, request: UpsertRows): Promise<void> {
  const statement = connection.prepare(`
    INSERT INTO ${quoted(request.table)} AS t (id, agent, body_hash, body, last_updated)
    VALUES (?, ?, ?, CAST(? AS TEXT), ?)
    ON CONFLICT (id, agent) DO UPDATE SET
      body_hash = excluded.body_hash,
      body = excluded.body,
      last_updated = excluded.last_updated
    WHERE t.body_hash <> excluded.body_hash`);
  const { agent, nowMs } = request;
  await forEachInTurns(request.rows, (row) => {
    statement.run(row.id, agent, row.bodyHash, row.body, nowMs);
  });
}
