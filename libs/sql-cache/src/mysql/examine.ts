/** What MySQL and MariaDB say of themselves and of the rights of their user. */
import type { Knex } from 'knex';
import type {
  Attempt,
  DialectExaminer,
  DialectFacts,
  ExaminedTables,
} from '../examine-database.ts';
import { quoted } from './mysql-connection.ts';
import { relationTemplate, resourceTemplate } from '../table-names.ts';

/** The encoding that counts is that of the bodies; tables made later take it from the template. */
const factsText = `
  SELECT version() AS version, current_user() AS user, unix_timestamp(now(3)) * 1000 AS now_ms,
    coalesce((SELECT character_set_name FROM information_schema.columns
      WHERE table_schema = database() AND table_name = '${resourceTemplate}'
        AND column_name = 'body'), @@character_set_database) AS encoding`;

/** Where "_" stands for itself. */
const tablesText = `
  SELECT table_name AS name FROM information_schema.tables
  WHERE table_schema = database() AND table_type = 'BASE TABLE'
    AND (table_name IN (?, 'accounts', 'accounts_history', '${resourceTemplate}',
        '${relationTemplate}')
      OR left(table_name, char_length(?)) = ? OR left(table_name, 9) = 'fairlead_')
  ORDER BY table_name`;

/** Tables of these names are not there; rights are looked at before that is noticed. */
const absent = 'cats_v1_fairlead_doctor_absent';
const ownAbsent = 'fairlead_doctor_absent';

const creation: readonly Attempt[] = [
  { task: 'create tables', table: absent, text: `CREATE TABLE ${absent} LIKE ${ownAbsent}` },
  { task: 'create tables', table: ownAbsent, text: `CREATE TABLE ${ownAbsent} LIKE ${absent}` },
  {
    task: 'change its own tables',
    table: ownAbsent,
    text: `ALTER TABLE ${ownAbsent} ADD COLUMN a INT, ADD INDEX a (a)`,
  },
  { task: 'read rows', table: absent, text: `SELECT id FROM ${absent}` },
  { task: 'insert rows', table: absent, text: `INSERT INTO ${absent} (id) VALUES (1)` },
  { task: 'update rows', table: absent, text: `UPDATE ${absent} SET id = 1` },
  { task: 'delete rows', table: absent, text: `DELETE FROM ${absent}` },
];

interface FactsRow {
  readonly version: string;
  readonly user: string;
  readonly now_ms: string | number;
  readonly encoding: string;
}

async function facts(db: Knex, names: ExaminedTables): Promise<DialectFacts> {
  const [[row]] = await db.raw<readonly [readonly [FactsRow], unknown]>(factsText);
  const { agentLocks, cachePrefix } = names;
  const [found] = await db.raw<readonly [readonly { readonly name: string }[], unknown]>(
    tablesText,
    [agentLocks, cachePrefix, cachePrefix],
  );
  return {
    serverVersion: row.version,
    user: row.user,
    nowMs: Number(row.now_ms),
    encoding: row.encoding,
    takesAllCharacters: row.encoding.toLowerCase() === 'utf8mb4',
    shutOutOwner: '',
    tables: found.map(({ name }) => name),
    // Whether they may be changed is tried.
    fixedTables: [],
  };
}

/** Rights are given for the whole database as a rule, so that they hold for tables to come. */
export const examineMysql: DialectExaminer = {
  facts,
  quoted,
  creation: () => creation,
  looksAtRightsFirst: true,
};
