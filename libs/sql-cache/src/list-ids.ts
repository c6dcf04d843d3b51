/** Reads ids of one agent in one table, in order. */
import type { Dialect } from './dialect.ts';
import type { ListIdsQuery } from './sql-cache.ts';
import { pageOfIds } from './page-of-ids.ts';

/** One page of ids. */
export async function listIds(dialect: Dialect, request: ListIdsQuery): Promise<string[]> {
  const page = pageOfIds(dialect, request).orderBy('id').limit(request.limit);
  const rows = (await page) as readonly { readonly id: string }[];
  return rows.map((row) => row.id);
}
