/** Reads a page of rows of one table in the order of ids, for searching and sweeping. */
import { rowHeadChars } from '@fairlead/clouddriver-model';
import type { Knex } from 'knex';
import type { Dialect } from './dialect.ts';
import { pageOfIds } from './page-of-ids.ts';

/** Which rows. */
export interface SearchRowsRequest {
  /** Clouddriver's cache type. */
  readonly type: string;
  /** Only this agent's. */
  readonly agent: string | undefined;
  /** Only ids with this namespace. */
  readonly namespace: string | undefined;
  /** Only ids with this name. */
  readonly name: string | undefined;
  /** Only this id. */
  readonly id?: string;
  /** Only ids after this one. */
  readonly afterId: string;
  /** At most so many. */
  readonly limit: number;
  /** How much of the body. */
  readonly body: 'head' | 'whole';
}

/** One row. */
export interface SearchRow {
  /** The row's id. */
  readonly id: string;
  /** The body or its head. */
  readonly body: string;
  /** `last_updated`, epoch milliseconds. */
  readonly updatedAtMs: number;
}

interface FoundRow {
  readonly id: string;
  readonly body: string;
  /** PostgreSQL's driver gives 64-bit numbers as text. */
  readonly last_updated: number | string;
}

/** Reads the rows. */
export async function selectSearchRows(
  dialect: Dialect,
  request: SearchRowsRequest,
): Promise<SearchRow[]> {
  const { knex, names } = dialect;
  const body =
    request.body === 'whole' ? 'body' : knex.raw('substr(body, 1, ?) as body', [rowHeadChars]);
  const query = knex<FoundRow>(names.resource(request.type))
    .select('id', 'last_updated', body)
    .where('id', '>', request.afterId)
    .orderBy('id')
    .limit(request.limit);
  if (request.id !== undefined) void query.where('id', request.id);
  if (request.agent !== undefined) whereAgent(dialect, query, request, request.agent);
  whereEnd(query, request);
  const rows = (await query) as readonly FoundRow[];
  return rows.map((row) => ({
    id: row.id,
    body: row.body,
    updatedAtMs: Number(row.last_updated),
  }));
}

/** The agent's ids are found first: see `pageOfIds`. */
function whereAgent(
  dialect: Dialect,
  query: Knex.QueryBuilder,
  request: SearchRowsRequest,
  agent: string,
): void {
  void query.where('agent', dialect.names.agent(agent));
  if (dialect.name !== 'postgres') return;
  const { type, afterId, limit } = request;
  const ids = pageOfIds(dialect, { type, agent, afterId });
  whereEnd(ids, request);
  void query.whereIn('id', ids.orderBy('id').limit(limit));
}

/** Ids end with `:<namespace>:<name>`; accounts before them may hold anything. */
function whereEnd(query: Knex.QueryBuilder, request: SearchRowsRequest): void {
  const { namespace, name } = request;
  if (namespace === undefined && name === undefined) return;
  const tail = `:${likeText(namespace)}:${likeText(name)}`;
  void query.whereRaw("id like ? escape '!'", [`%${tail}`]);
}

/** A `%` in the middle may match more than a part of the key: the caller compares the parts. */
function likeText(part: string | undefined): string {
  return part === undefined ? '%' : part.replaceAll(':', ';').replace(/[%_!]/g, '!$&');
}
