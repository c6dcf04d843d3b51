/**
 * A page of one agent's ids as a query, so that no database reads other accounts' rows for it. All
 * accounts share a type's table, and a plain `ORDER BY id LIMIT n` invites a walk through it.
 */
import { accountOfAgent, infrastructureKeyPrefix } from '@fairlead/clouddriver-model';
import type { Knex } from 'knex';
import type { Dialect } from './dialect.ts';

/** Which page. */
export interface PageOfIds {
  /** Clouddriver's cache type. */
  readonly type: string;
  /** The caching agent that owns the rows, as Clouddriver names it. */
  readonly agent: string;
  /** Only ids of this namespace. */
  readonly namespace?: string | undefined;
  /** Only ids after this one. */
  readonly afterId: string;
}

/** Ids in no order; the caller orders and limits. */
export function pageOfIds(dialect: Dialect, page: PageOfIds): Knex.QueryBuilder {
  const { knex, names } = dialect;
  const query = knex(names.resource(page.type))
    .select('id')
    .where('agent', names.agent(page.agent))
    .where('id', '>', page.afterId);
  wherePrefix(dialect, query, page);
  // PostgreSQL: a range of the agent's index, whatever LIMIT promises about the primary key's order.
  // Its collations leave no other way, since ids with one prefix need not stand together.
  return dialect.name === 'postgres'
    ? knex.select('id').from(knex.raw('(? offset 0) as page', [query]))
    : query;
}

/**
 * The same in the order of the ids' bytes, for those who compare ids themselves. No index of
 * PostgreSQL's or MySQL's is in this order: the agent's ids (MySQL: those with the prefix) are found
 * by index and sorted, so that few large pages cost less than many small ones.
 */
export function pageOfIdsByBytes(dialect: Dialect, page: PageOfIds): Knex.QueryBuilder {
  const { knex, names } = dialect;
  const query = knex(names.resource(page.type))
    .select('id')
    .where('agent', names.agent(page.agent));
  wherePrefix(dialect, query, page);
  const bytes = bytesOfId[dialect.name];
  // A parameter is text, as the id is: both sides are turned into bytes in the same way.
  return query.whereRaw(`${bytes('id')} > ${bytes('?')}`, [page.afterId]).orderByRaw(bytes('id'));
}

/** What is compared byte by byte. */
const bytesOfId: Readonly<Record<Dialect['name'], (text: string) => string>> = {
  postgres: (text) => (text === '?' ? '?' : `${text} COLLATE "C"`),
  // Clouddriver leaves the collation of its tables to the database's default.
  mysql: (text) => `CAST(CONVERT(${text} USING utf8mb4) AS BINARY)`,
  sqlite: (text) => text,
};

/** The beginning of all ids that are asked for, if they are objects' of one account. */
function prefixOf(page: PageOfIds): string | undefined {
  const account = accountOfAgent(page.agent);
  const { type: kind, namespace } = page;
  if (account === undefined || kind === 'applications' || kind === 'clusters') return undefined;
  const key = { kind, account, ...(namespace === undefined ? {} : { namespace }) };
  return infrastructureKeyPrefix(key);
}

/**
 * MySQL finds a prefix through its primary key. SQLite's `LIKE` knows no case, and PostgreSQL's
 * would not use an index: there the agent narrows, and a namespace is only compared.
 */
function wherePrefix(dialect: Dialect, query: Knex.QueryBuilder, page: PageOfIds): void {
  const prefix = prefixOf(page);
  if (prefix === undefined) return;
  if (dialect.name === 'mysql') {
    void query.whereRaw("id like ? escape '!'", [`${prefix.replace(/[%_!]/g, '!$&')}%`]);
  } else if (page.namespace !== undefined) {
    void query.whereRaw('substr(id, 1, ?) = ?', [prefix.length, prefix]);
  }
}
