/** The two templates, with the columns and indexes that Clouddriver's migrations give them. */
import type { PgConnection } from './pg-connection.ts';
import { relationTemplate, resourceTemplate } from '../table-names.ts';

const statements = [
  `CREATE TABLE IF NOT EXISTS ${resourceTemplate} (
    id text NOT NULL,
    agent text NOT NULL,
    body_hash varchar(64) NOT NULL,
    body text NOT NULL,
    last_updated bigint NOT NULL,
    application text,
    CONSTRAINT cats_pk PRIMARY KEY (id, agent)
  )`,
  `CREATE INDEX IF NOT EXISTS agent_body_hash_idx ON ${resourceTemplate} (agent, body_hash)`,
  `CREATE INDEX IF NOT EXISTS resource_last_updated_idx ON ${resourceTemplate} (last_updated)`,
  `CREATE INDEX IF NOT EXISTS application_idx ON ${resourceTemplate} (application)`,
  `CREATE TABLE IF NOT EXISTS ${relationTemplate} (
    uuid varchar(26) NOT NULL PRIMARY KEY,
    id text NOT NULL,
    rel_id text NOT NULL,
    rel_agent text NOT NULL,
    rel_type text,
    last_updated bigint
  )`,
  `CREATE INDEX IF NOT EXISTS id_idx ON ${relationTemplate} (id)`,
  `CREATE INDEX IF NOT EXISTS rel_agent_idx ON ${relationTemplate} (rel_agent)`,
  `CREATE INDEX IF NOT EXISTS rel_type_idx ON ${relationTemplate} (rel_type)`,
  `CREATE INDEX IF NOT EXISTS rel_ids_type_idx ON ${relationTemplate} (id, rel_type, rel_id)`,
];

/**
 * LZ4 instead of the default makes writes half as fast again, and needs PostgreSQL 14 built with
 * it. Tables made like the template inherit it.
 */
const useLz4 = `
  DO $$ BEGIN
    IF current_setting('server_version_num')::int >= 140000 THEN
      EXECUTE 'ALTER TABLE ${resourceTemplate} ALTER COLUMN body SET COMPRESSION lz4';
    END IF;
  EXCEPTION WHEN feature_not_supported THEN NULL;
  END $$`;

/** Makes the templates that are not there. */
export async function createTemplates(connection: PgConnection): Promise<void> {
  for (const statement of statements) await connection.query(statement);
  await connection.query(useLz4);
}
