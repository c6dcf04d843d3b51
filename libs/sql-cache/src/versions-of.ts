/**
 * The versions of the objects that some rows hold, for comparing them with a cluster. The database
 * looks into the bodies where it can; where it cannot, they come here.
 */
import type { Dialect, FoundVersion } from './dialect.ts';
import type { RowsById, StoredVersion } from './sql-cache.ts';
import { unsoundVersion, versionFromFacts, versionInBody } from './stored-version.ts';

/** Bodies read at once where they must come here. */
const bodiesAtOnce = 100;

/** The rows in the order of their ids; those that went away meanwhile are left out. */
export async function versionsOf(dialect: Dialect, rows: RowsById): Promise<StoredVersion[]> {
  if (rows.ids.length === 0) return [];
  const found = (await foundThere(dialect, rows)) ?? (await foundHere(dialect, rows));
  const byId = new Map(found.map((version) => [version.id, version]));
  return rows.ids.flatMap((id) => byId.get(id) ?? []);
}

/** As the database finds them; undefined where it has no way, or refuses a body. */
async function foundThere(
  dialect: Dialect,
  { type, agent: owner, ids }: RowsById,
): Promise<StoredVersion[] | undefined> {
  if (dialect.selectVersions === undefined) return undefined;
  const table = dialect.names.resource(type);
  const agent = dialect.names.agent(owner);
  try {
    const rows = await dialect.selectVersions({ table, agent, ids });
    return rows.map(versionFromRow);
  } catch (error: unknown) {
    // An old server has no such functions; a body may be what its JSON functions do not take.
    if (dialect.classify(error).kind === 'rejected') return undefined;
    throw error;
  }
}

async function foundHere(
  dialect: Dialect,
  { type, agent, ids }: RowsById,
): Promise<StoredVersion[]> {
  const found: StoredVersion[] = [];
  for (let at = 0; at < ids.length; at += bodiesAtOnce) {
    const rows = await dialect
      .knex<{ id: string; agent: string; body_hash: string; body: string | Uint8Array }>(
        dialect.names.resource(type),
      )
      .select('id', 'body_hash', 'body')
      .where('agent', dialect.names.agent(agent))
      .whereIn('id', ids.slice(at, at + bodiesAtOnce));
    for (const { id, body_hash: bodyHash, body } of rows) {
      found.push(versionInBody({ id, bodyHash, body: Buffer.from(body) }));
    }
  }
  return found;
}

function versionFromRow(row: FoundVersion): StoredVersion {
  const { id, api_version: apiVersion, uid, resource_version: resourceVersion } = row;
  if (apiVersion === null) return unsoundVersion(id);
  return versionFromFacts(id, { apiVersion, uid, resourceVersion });
}
