/**
 * A million rows in the tables that grow with the clusters, made inside of the database; a tenth in
 * those that grow with accounts and kinds. The rows are small: how they are found does not depend on
 * what stands in them.
 */
import type { Target, TestDatabase } from './targets.ts';

const manyRows = 1_000_000;
const someRows = 100_000;
/** Accounts that they are spread over. */
export const accountCount = 100;
/** One in the middle of them. */
export const someAccount = 'acct-50';
/** Another one, to be removed. */
export const otherAccount = 'acct-51';

interface Words {
  /** 0 to below a number as `n`. */
  readonly numbers: (below: number) => string;
  /** Joins texts. */
  readonly join: (...parts: readonly string[]) => string;
  /** A whole quotient. */
  readonly quotient: (of: string, by: number) => string;
  /** Six digits. */
  readonly padded: (number: string) => string;
}

const words: Readonly<Record<Target['name'], Words>> = {
  postgres: {
    numbers: (below) => `generate_series(0, ${below - 1}) AS s(n)`,
    join: (...parts) => parts.join(' || '),
    quotient: (of, by) => `(${of} / ${by})`,
    padded: (number) => `lpad((${number})::text, 7, '0')`,
  },
  mysql: {
    numbers: (below) => `(SELECT seq AS n FROM seq_0_to_${below - 1}) AS s`,
    join: (...parts) => `CONCAT(${parts.join(', ')})`,
    quotient: (of, by) => `(${of} DIV ${by})`,
    padded: (number) => `LPAD(${number}, 7, '0')`,
  },
  sqlite: {
    numbers: (below) => `(WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c
      WHERE n < ${below - 1}) SELECT n FROM c) AS s`,
    join: (...parts) => parts.join(' || '),
    quotient: (of, by) => `(${of} / ${by})`,
    padded: (number) => `printf('%07d', ${number})`,
  },
};

/** Fills the tables, which must be there. */
export async function fillTables(
  database: TestDatabase,
  target: Pick<Target, 'name'>,
): Promise<void> {
  const { numbers, join, quotient, padded } = words[target.name];
  const account = join(`'acct-'`, `(n % ${accountCount})`);
  const name = padded('n');
  const agent = join(account, `'/KubernetesCoreCachingAgent[1/1]'`);
  const idOf = (kind: string, of: string) =>
    join(`'kubernetes.v2:infrastructure:${kind}:'`, account, `':prod:x-'`, of);
  const pod = idOf('pod', name);
  const set = idOf('replicaSet', padded(quotient('n', 10)));
  const cluster = join(
    ...[`'kubernetes.v2:logical:clusters:'`, account, `':app:x-'`, padded(quotient('n', 10))],
  );
  const relation = (type: string, id: string) => `
    SELECT ${join(`'01-${type.slice(0, 3)}-'`, name)}, ${id}, ${pod},
      ${join(`'${type}:'`, agent)}, 'pod', 1`;
  const into = (table: string) => `INSERT INTO ${nameOf(target, table)}`;
  const relationColumns = '(uuid, id, rel_id, rel_agent, rel_type, last_updated)';
  await fill(database, target, {
    [nameOf(target, 'cats_v1_pod')]: `${into('cats_v1_pod')}
      (id, agent, body_hash, body, last_updated)
      SELECT ${pod}, ${agent}, ${name}, '{}', 1 FROM ${numbers(manyRows)}`,
    [nameOf(target, 'cats_v1_replicaSet_rel')]: `${into('cats_v1_replicaSet_rel')}
      ${relationColumns} ${relation('replicaSet', set)} FROM ${numbers(someRows)}`,
    [nameOf(target, 'cats_v1_clusters_rel')]: `${into('cats_v1_clusters_rel')}
      ${relationColumns} ${relation('clusters', cluster)} FROM ${numbers(manyRows)}`,
    fairlead_feeds: `INSERT INTO fairlead_feeds (account, api_group, resource, namespace, version,
        kind, is_namespaced, type, resource_version, as_of_ms, state, reason, state_since_ms,
        updated_at_ms)
      SELECT ${account}, '', 'pods', ${name}, 'v1', 'Pod', 1, 'pod', '1', 1, '', '', 0, 0
      FROM ${numbers(someRows)}`,
    fairlead_dead_letters: `INSERT INTO fairlead_dead_letters (id, account, api_group, resource,
        kind, feed_namespace, type, row_id, object_namespace, object_name, uid, resource_version,
        operation, reason, message, first_seen_ms, last_seen_ms, attempts, payload_bytes)
      SELECT ${name}, ${account}, '', 'pods', 'Pod', '', 'pod', ${pod}, 'n', 'x', '', '1', 'write',
        'refused', '', 1, 1, 1, 0 FROM ${numbers(someRows)}`,
    cats_agent_locks: `INSERT INTO cats_agent_locks
      SELECT ${join(account, `'/'`, name)}, 'owner', 1, 2 FROM ${numbers(someRows)}`,
  });
}

/** As PostgreSQL folds what Clouddriver does not quote. */
export function nameOf(target: Pick<Target, 'name'>, table: string): string {
  return target.name === 'postgres' ? table.toLowerCase() : table;
}

/** Rows go in without secondary indexes, which are then made in one go: a third of the time. */
async function fill(
  database: TestDatabase,
  target: Pick<Target, 'name'>,
  statements: Readonly<Record<string, string>>,
): Promise<void> {
  for (const [table, statement] of Object.entries(statements)) {
    const indexes = await indexesOf(database, target, table);
    for (const { drop } of indexes) await database.query(drop);
    await database.query(statement);
    for (const create of together(indexes)) await database.query(create);
  }
}

interface IndexStatements {
  readonly drop: string;
  readonly create: string;
}

/** MySQL makes several indexes with one reading of the table. */
function together(indexes: readonly IndexStatements[]): readonly string[] {
  const [first, ...others] = indexes.map(({ create }) => create);
  if (first?.startsWith('ALTER') !== true) return indexes.map(({ create }) => create);
  return [[first, ...others.map((text) => text.replace(/^ALTER TABLE \S+ /, ''))].join(', ')];
}

async function indexesOf(
  database: TestDatabase,
  target: Pick<Target, 'name'>,
  table: string,
): Promise<readonly IndexStatements[]> {
  if (target.name === 'postgres') {
    const rows = await database.query(`SELECT indexrelid::regclass::text AS name,
        pg_get_indexdef(indexrelid) AS text FROM pg_index
      WHERE indrelid = '${table}'::regclass AND NOT indisprimary`);
    return rows.map(({ name, text }) => ({
      drop: `DROP INDEX ${String(name)}`,
      create: String(text),
    }));
  }
  if (target.name === 'sqlite') {
    const rows = await database.query(`SELECT name, sql FROM sqlite_master
      WHERE type = 'index' AND tbl_name = '${table}' AND sql IS NOT NULL`);
    return rows.map(({ name, sql }) => ({
      drop: `DROP INDEX "${String(name)}"`,
      create: String(sql),
    }));
  }
  const rows = await database.query(`SELECT index_name AS name,
      GROUP_CONCAT(column_name ORDER BY seq_in_index) AS columns FROM information_schema.statistics
    WHERE table_schema = DATABASE() AND table_name = '${table}' AND index_name <> 'PRIMARY'
    GROUP BY index_name`);
  return rows.map(({ name, columns }) => ({
    drop: `ALTER TABLE ${table} DROP INDEX ${String(name)}`,
    create: `ALTER TABLE ${table} ADD INDEX ${String(name)} (${String(columns)})`,
  }));
}
