/** Counts the rows of an account, or of one agent (index on the agent, and nothing else). */
import { cachingAgentName } from '@fairlead/clouddriver-model';
import type { Dialect } from './dialect.ts';
import type { RowsOfAgent } from './sql-cache.ts';

/** Rows by type; types without rows are left out. Logical rows count as their own types. */
export async function countRows(
  dialect: Dialect,
  request: { readonly account: string; readonly types: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const type of request.types) {
    const agent = cachingAgentName(request.account, type);
    const count = await countAgentRows(dialect, { type, agent });
    if (count > 0) counts.set(type, count);
  }
  return counts;
}

/** Rows of one agent in one table. */
export async function countAgentRows(
  { knex, names }: Dialect,
  { type, agent }: RowsOfAgent,
): Promise<number> {
  const rows = knex<{ agent: string }>(names.resource(type));
  const [row] = await rows.where({ agent: names.agent(agent) }).count({ count: '*' });
  return Number(row?.count ?? 0);
}
