/** What PostgreSQL says of itself and of the rights of its user. */
import type { Knex } from 'knex';
import type { DialectExaminer, DialectFacts, ExaminedTables } from '../examine-database.ts';
import { quoted } from './pg-connection.ts';
import { relationTemplate, resourceTemplate } from '../table-names.ts';

/**
 * Tables that a user makes are nobody else's. Clouddriver's user is taken to be the owner of its
 * tables: it can read ours if it is a member of our role, or if our role has default privileges.
 */
const factsText = `
  SELECT version() AS version, current_user AS "user",
    extract(epoch FROM clock_timestamp()) * 1000 AS now_ms,
    (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database())
      AS encoding,
    (SELECT pg_get_userbyid(c.relowner) FROM pg_class c
      WHERE c.oid = to_regclass('${resourceTemplate}')
        AND NOT pg_has_role(c.relowner, (SELECT oid FROM pg_roles WHERE rolname = current_user),
          'USAGE')
        AND NOT EXISTS (SELECT 1 FROM pg_default_acl d
          JOIN pg_roles r ON r.oid = d.defaclrole
          WHERE r.rolname = current_user AND d.defaclobjtype = 'r')) AS shut_out_owner`;

/** Only those that names without a schema lead to. LIKE would take _ for any letter. */
const tablesText = `
  SELECT c.relname AS name, pg_has_role(c.relowner, 'USAGE') AS is_ours FROM pg_class c
  WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid)
    AND (c.relname IN (?, 'accounts', 'accounts_history', '${resourceTemplate}',
        '${relationTemplate}')
      OR left(c.relname, length(?)) = ? OR left(c.relname, 9) = 'fairlead_')
  ORDER BY c.relname`;

interface FactsRow {
  readonly version: string;
  readonly user: string;
  readonly now_ms: string;
  readonly encoding: string;
  readonly shut_out_owner: string | null;
}

async function facts(db: Knex, names: ExaminedTables): Promise<DialectFacts> {
  const { rows } = await db.raw<{ readonly rows: readonly [FactsRow] }>(factsText);
  const [row] = rows;
  const { agentLocks, cachePrefix } = names;
  const found = await db.raw<{ rows: readonly { name: string; is_ours: boolean }[] }>(tablesText, [
    agentLocks,
    ...[cachePrefix, cachePrefix],
  ]);
  const isOwn = (name: string) => name.startsWith('fairlead_');
  return {
    serverVersion: row.version.split(' on ')[0] ?? row.version,
    user: row.user,
    nowMs: Number(row.now_ms),
    encoding: row.encoding,
    takesAllCharacters: row.encoding === 'UTF8',
    shutOutOwner: row.shut_out_owner ?? '',
    tables: found.rows.map(({ name }) => name),
    fixedTables: found.rows.flatMap(({ name, is_ours }) => (isOwn(name) && !is_ours ? [name] : [])),
  };
}

/** Whoever makes a table may do everything with it. */
export const examinePostgres: DialectExaminer = {
  facts,
  quoted,
  creation: () => [
    {
      task: 'create tables',
      table: 'fairlead_doctor_probe',
      text: 'CREATE TABLE fairlead_doctor_probe (id text)',
    },
  ],
  looksAtRightsFirst: false,
};
