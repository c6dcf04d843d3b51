/** Reads which version of its object each row holds, by primary key; no body leaves the server. */
import type { Connection } from 'mysql2';
import type { FoundVersion, SelectVersions } from '../dialect.ts';
import {
  inStatements,
  ofSmallSize,
  placeholders,
  quoted,
  selectPrepared,
} from './mysql-connection.ts';

/** MySQL's functions fail on what is no JSON, MariaDB's answer NULL. */
const fact = (path: string): string =>
  `CASE WHEN SHA2(body, 256) = body_hash AND JSON_VALID(body)
    THEN JSON_UNQUOTE(JSON_EXTRACT(body, '$.attributes.${path}')) END`;

/** The rows that there are, in no order. */
export async function selectVersions(
  connection: Connection,
  request: SelectVersions,
): Promise<FoundVersion[]> {
  const found: FoundVersion[] = [];
  for (const ids of inStatements(request.ids, ofSmallSize)) {
    const text = `
      SELECT id, ${fact('apiVersion')} AS api_version, ${fact('manifest.metadata.uid')} AS uid,
        ${fact('manifest.metadata.resourceVersion')} AS resource_version
      FROM ${quoted(request.table)}
      WHERE agent = ? AND id IN (${placeholders(ids.length)})`;
    const rows = await selectPrepared(connection, { text, values: [request.agent, ...ids] });
    found.push(...(rows as unknown as FoundVersion[]));
  }
  return found;
}
