/** Reads ids of one agent in one table, in order (the agent's index, or the primary key). */
import { accountOfAgent, infrastructureKeyPrefix } from '@fairlead/clouddriver-model';
import type { Dialect } from './dialect.ts';
import type { ListIdsQuery } from './sql-cache.ts';

/** One page of ids. */
export async function listIds(dialect: Dialect, request: ListIdsQuery): Promise<string[]> {
  const { knex, names } = dialect;
  const query = knex<{ id: string }>(names.resource(request.type))
    .select('id')
    .where('agent', names.agent(request.agent))
    .where('id', '>', request.afterId)
    .orderBy('id')
    .limit(request.limit);
  if (request.namespace !== undefined) {
    const account = accountOfAgent(request.agent) ?? '';
    const prefix = infrastructureKeyPrefix({
      kind: request.type,
      account,
      namespace: request.namespace,
    });
    // Not LIKE: SQLite's knows no case, and a prefix may hold its wildcards.
    void query.whereRaw('substr(id, 1, ?) = ?', [prefix.length, prefix]);
  }
  return (await query).map((row) => row.id);
}
