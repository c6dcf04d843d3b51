/** Counts the rows of an account (index on the agent). */
import { cachingAgentName } from '@fairlead/clouddriver-model';
import type { Dialect } from './dialect.ts';

/** Rows by type; types without rows are left out. Logical rows count as their own types. */
export async function countRows(
  dialect: Dialect,
  request: { readonly account: string; readonly types: readonly string[] },
): Promise<ReadonlyMap<string, number>> {
  const { knex, names } = dialect;
  const counts = new Map<string, number>();
  for (const type of request.types) {
    const agent = names.agent(cachingAgentName(request.account, type));
    const [row] = await knex<{ agent: string }>(names.resource(type))
      .where({ agent })
      .count({ count: '*' });
    const count = Number(row?.count ?? 0);
    if (count > 0) counts.set(type, count);
  }
  return counts;
}
