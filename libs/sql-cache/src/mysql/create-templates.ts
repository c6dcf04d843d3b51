/** The two templates, with the columns and indexes that Clouddriver's migrations give them. */
import { relationTemplate, resourceTemplate } from '../table-names.ts';
import type { Connection } from 'mysql2';
import { runText } from './mysql-connection.ts';

/** Ids that differ in case are different ids; Clouddriver leaves this to the database's default. */
const charset = 'ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_bin';

const statements = [
  `CREATE TABLE IF NOT EXISTS ${resourceTemplate} (
    id varchar(352) NOT NULL,
    agent varchar(127) NOT NULL,
    application varchar(255) NULL,
    body_hash char(64) NOT NULL,
    body longtext NOT NULL,
    last_updated bigint NOT NULL,
    PRIMARY KEY (id, agent),
    KEY agent_body_hash_idx (agent, body_hash),
    KEY resource_last_updated_idx (last_updated),
    KEY application_idx (application)
  ) ${charset}`,
  `CREATE TABLE IF NOT EXISTS ${relationTemplate} (
    uuid char(26) NOT NULL PRIMARY KEY,
    id varchar(352) NOT NULL,
    rel_id varchar(352) NOT NULL,
    rel_agent varchar(127) NOT NULL,
    rel_type varchar(64) NULL,
    last_updated bigint NULL,
    KEY id_idx (id),
    KEY rel_agent_idx (rel_agent),
    KEY rel_type_idx (rel_type),
    KEY rel_ids_type_idx (id, rel_type, rel_id)
  ) ${charset}`,
];

/** Makes the templates that are not there. */
export async function createTemplates(connection: Connection): Promise<void> {
  for (const statement of statements) await runText(connection, statement);
}
