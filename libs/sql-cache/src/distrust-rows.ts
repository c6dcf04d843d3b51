/**
 * Takes the hash from rows whose body is not what was written: the next write of the object then
 * finds another hash and writes the row, where it would otherwise take it for unchanged.
 */
import type { Dialect, WriteSession } from './dialect.ts';
import type { RowKey } from './sql-cache.ts';
import { distrustedHash } from './unit-changes.ts';

/** Rows per statement, by primary key. */
const rowsAtOnce = 200;

/** Rows that are gone meanwhile stay gone. */
export async function distrustRows(
  dialect: Dialect,
  session: WriteSession,
  rows: readonly RowKey[],
): Promise<void> {
  const groups = Map.groupBy(rows, ({ type, agent }) => `${type}\n${agent}`);
  for (const key of [...groups.keys()].sort()) {
    const group = groups.get(key) ?? [];
    const [first] = group;
    if (first === undefined) continue;
    const ids = group.map(({ id }) => id).sort();
    for (let at = 0; at < ids.length; at += rowsAtOnce) {
      await dialect
        .knex<{ id: string; agent: string; body_hash: string }>(dialect.names.resource(first.type))
        .where('agent', dialect.names.agent(first.agent))
        .whereIn('id', ids.slice(at, at + rowsAtOnce))
        .update({ body_hash: distrustedHash })
        .connection(session.connection);
    }
  }
}
