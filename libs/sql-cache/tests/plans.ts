/** Asks a database how it would run a statement, and reads the answer in one form for all three. */
import { DatabaseSync } from 'node:sqlite';
import { format, type SqlValue } from 'mysql2';
import type pg from 'pg';
import type { SentStatement } from './captured-statements.ts';
import { queryMysql } from './targets.ts';

/** How one table is read. */
export interface Access {
  readonly table: string;
  /** Columns by which an index is entered; none: the table or an index is read from end to end. */
  readonly columns: readonly string[];
}

/** Gives the plan of a statement. */
export type Explain = (statement: SentStatement) => Promise<readonly Access[]>;

type Json = Readonly<Record<string, unknown>>;

/** For PostgreSQL. */
export function explainPostgres(client: pg.Client): Explain {
  return async ({ text, values }) => {
    const answer = await client.query<{ 'QUERY PLAN': readonly Json[] }>({
      text: `EXPLAIN (FORMAT JSON) ${text}`,
      values: [...values],
    });
    const [plan] = answer.rows[0]?.['QUERY PLAN'] ?? [];
    return postgresAccesses(plan?.Plan as Json, { isLimited: false });
  };
}

function postgresAccesses(node: Json, above: { readonly isLimited: boolean }): readonly Access[] {
  const kind = String(node['Node Type']);
  const isLimited = above.isLimited || kind === 'Limit';
  const children = (node.Plans ?? []) as readonly Json[];
  const below = children.flatMap((child) => postgresAccesses(child, { isLimited }));
  const table = node['Relation Name'];
  if (typeof table !== 'string' || !kind.endsWith('Scan')) return below;
  if (kind === 'Tid Scan') return below;
  // Found by the index scans below it.
  if (kind === 'Bitmap Heap Scan') {
    return children.flatMap(bitmapConditions).map((text) => ({ table, columns: columnsIn(text) }));
  }
  // Whatever is sorted already and ends after a page is no reading from end to end.
  const isPage = kind.startsWith('Index') && isLimited;
  const columns = columnsIn(conditionOf(node));
  return [{ table, columns: columns.length === 0 && isPage ? ['(page)'] : columns }, ...below];
}

/** Of a bitmap made of several, each: every one of them is read. */
function bitmapConditions(node: Json): readonly string[] {
  const parts = (node.Plans ?? []) as readonly Json[];
  return parts.length > 0 ? parts.flatMap(bitmapConditions) : [conditionOf(node)];
}

function conditionOf(node: Json): string {
  return typeof node['Index Cond'] === 'string' ? node['Index Cond'] : '';
}

function columnsIn(condition: string): readonly string[] {
  return [...condition.matchAll(/\(?(?:\b\w+\.)?(\w+)\)?(?:::\w+)? (?:=|>|>=|<|<=) /g)].map(
    ([, column = '']) => column,
  );
}

/** For MySQL and MariaDB. */
export function explainMysql(url: string): Explain {
  return async ({ text, values }) => {
    const statement = format(text, [...values] as SqlValue[]);
    const [row] = await queryMysql(url, `EXPLAIN FORMAT=JSON ${statement}`);
    return mysqlAccesses(JSON.parse(String(row?.EXPLAIN)));
  };
}

/** Most rows of an index that is read in its order and left after a page. */
const pageRows = 1000;

function mysqlAccesses(node: unknown): readonly Access[] {
  if (typeof node !== 'object' || node === null) return [];
  const below = Object.values(node).flatMap(mysqlAccesses);
  const { table_name: table, access_type: kind, used_key_parts: parts, rows } = node as Json;
  if (typeof table !== 'string' || typeof kind !== 'string') return below;
  if (kind === 'index' && Number(rows) <= pageRows) return [{ table, columns: ['(page)'] }];
  const isEntered = kind !== 'ALL' && kind !== 'index';
  return [{ table, columns: isEntered ? (parts as readonly string[]) : [] }, ...below];
}

/** For SQLite. */
export function explainSqlite(directory: string): Explain {
  const database = new DatabaseSync(`${directory}/fairlead.sqlite`);
  return ({ text }) => {
    const rows = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all();
    const details = rows.map(({ detail }) => String(detail));
    return Promise.resolve(details.flatMap(sqliteAccess));
  };
}

function sqliteAccess(detail: string): readonly Access[] {
  const found = /^(SEARCH|SCAN) (\S+)(.*)$/.exec(detail);
  if (found === null) return [];
  const [, kind, table = '', how = ''] = found;
  // An index in the wanted order; every such statement has a LIMIT.
  if (kind === 'SCAN') return [{ table, columns: how.includes('INDEX') ? ['(page)'] : [] }];
  const columns = [...how.matchAll(/(\w+)[=<>]/g)].map(([, column = '']) => column);
  return [{ table, columns }];
}
