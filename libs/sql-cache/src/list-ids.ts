/** Reads ids of one agent in one table, in order, or the rows themselves. */
import type { Dialect } from './dialect.ts';
import type { ListIdsQuery, StoredBody } from './sql-cache.ts';
import { pageOfIds } from './page-of-ids.ts';

/** One page of ids. */
export async function listIds(dialect: Dialect, request: ListIdsQuery): Promise<string[]> {
  const page = pageOfIds(dialect, request).orderBy('id').limit(request.limit);
  const rows = (await page) as readonly { readonly id: string }[];
  return rows.map((row) => row.id);
}

/** One page of rows: its ids first, so that a page is found without reading bodies. */
export async function listBodies(dialect: Dialect, request: ListIdsQuery): Promise<StoredBody[]> {
  const ids = await listIds(dialect, request);
  if (ids.length === 0) return [];
  const rows = await dialect
    .knex<{ id: string; agent: string; body: string }>(dialect.names.resource(request.type))
    .select('id', 'body')
    .where('agent', dialect.names.agent(request.agent))
    .whereIn('id', ids);
  const bodies = new Map(rows.map(({ id, body }) => [id, Buffer.from(body)]));
  return ids.flatMap((id) => {
    const body = bodies.get(id);
    // Gone since the page was found.
    return body === undefined ? [] : [{ id, body }];
  });
}
