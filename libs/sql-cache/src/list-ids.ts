/** Reads ids of one agent in one table, in order, or the rows themselves. */
import type { Dialect } from './dialect.ts';
import type { ListIdsQuery, RowsById, StoredBody } from './sql-cache.ts';
import { pageOfIds, pageOfIdsByBytes } from './page-of-ids.ts';

/** One page of ids. */
export async function listIds(dialect: Dialect, request: ListIdsQuery): Promise<string[]> {
  const page = pageOfIds(dialect, request).orderBy('id').limit(request.limit);
  const rows = (await page) as readonly { readonly id: string }[];
  return rows.map((row) => row.id);
}

/** One page of ids in the order of their bytes, which is the same in every database. */
export async function listObjectIds(dialect: Dialect, request: ListIdsQuery): Promise<string[]> {
  const page = pageOfIdsByBytes(dialect, request).limit(request.limit);
  const rows = (await page) as readonly { readonly id: string }[];
  return rows.map((row) => row.id);
}

/** One page of rows: its ids first, so that a page is found without reading bodies. */
export async function listBodies(dialect: Dialect, request: ListIdsQuery): Promise<StoredBody[]> {
  const ids = await listIds(dialect, request);
  return bodiesOf(dialect, { ...request, ids });
}

/** Rows by id (primary key), in the order of the ids; those that are not there are left out. */
export async function bodiesOf(
  dialect: Dialect,
  { type, agent, ids }: RowsById,
): Promise<StoredBody[]> {
  if (ids.length === 0) return [];
  const rows = await dialect
    .knex<{ id: string; agent: string; body: string }>(dialect.names.resource(type))
    .select('id', 'body')
    .where('agent', dialect.names.agent(agent))
    .whereIn('id', ids);
  const bodies = new Map(rows.map(({ id, body }) => [id, Buffer.from(body)]));
  return ids.flatMap((id) => {
    const body = bodies.get(id);
    return body === undefined ? [] : [{ id, body }];
  });
}
