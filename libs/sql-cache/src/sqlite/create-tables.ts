/**
 * Makes a type's two tables. SQLite has no `LIKE`, so the columns stand here, the same as
 * Clouddriver's migrations give PostgreSQL's. The indexes are those that this room reads by.
 */
import type { DatabaseSync } from 'node:sqlite';
import { quoted } from './node-sqlite-client.ts';

/** Makes the tables that are not there. */
export function createTables(
  database: DatabaseSync,
  tables: { readonly resource: string; readonly relation: string },
): void {
  database.exec(resourceTable(tables.resource));
  database.exec(relationTable(tables.relation));
}

function resourceTable(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${quoted(table)} (
      id TEXT NOT NULL,
      agent TEXT NOT NULL,
      body_hash TEXT NOT NULL,
      body TEXT NOT NULL,
      last_updated INTEGER NOT NULL,
      application TEXT,
      PRIMARY KEY (id, agent)
    );
    ${index(table, 'agent_idx', 'agent, id')}`;
}

function relationTable(table: string): string {
  return `
    CREATE TABLE IF NOT EXISTS ${quoted(table)} (
      uuid TEXT NOT NULL PRIMARY KEY,
      id TEXT NOT NULL,
      rel_id TEXT NOT NULL,
      rel_agent TEXT NOT NULL,
      rel_type TEXT,
      last_updated INTEGER
    );
    ${index(table, 'rel_agent_idx', 'rel_agent')}
    ${index(table, 'rel_ids_type_idx', 'id, rel_type, rel_id')}`;
}

/** Names of indexes are shared by the whole database here. */
function index(table: string, name: string, columns: string): string {
  return `CREATE INDEX IF NOT EXISTS ${quoted(`${table}_${name}`)} ON ${quoted(table)} (${columns});`;
}
