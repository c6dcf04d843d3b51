/** The two templates: tables of their own here too, so that the database looks alike everywhere. */
import type { DatabaseSync } from 'node:sqlite';
import { relationTemplate, resourceTemplate } from '../table-names.ts';
import { createTables } from './create-tables.ts';

/** Makes the templates that are not there. */
export function createTemplates(database: DatabaseSync): void {
  createTables(database, { resource: resourceTemplate, relation: relationTemplate });
}
