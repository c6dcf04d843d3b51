/** Reads which version of its object each row holds (`cats_pk (id, agent)`); no body leaves the server. */
import type { SelectVersions } from '../dialect.ts';
import { quoted, type PgStatement } from './pg-connection.ts';
import { textArray } from './binary-array.ts';

/**
 * A body is parsed once (`OFFSET 0`), and only if it is what its hash says. `sha256` exists from
 * PostgreSQL 11 on; `jsonb` refuses some JSON (`\u0000`): the caller has another way for both.
 */
export function selectVersions(request: SelectVersions): PgStatement {
  const text = `
    SELECT id, b #>> '{attributes,apiVersion}' AS api_version,
      b #>> '{attributes,manifest,metadata,uid}' AS uid,
      b #>> '{attributes,manifest,metadata,resourceVersion}' AS resource_version
    FROM (
      SELECT id, CASE WHEN encode(sha256(convert_to(body, 'UTF8')), 'hex') = body_hash
        THEN body::jsonb END AS b
      FROM ${quoted(request.table)} WHERE id = ANY($1::text[]) AND agent = $2
      OFFSET 0
    ) AS t`;
  return { text, values: [textArray(request.ids), request.agent] };
}
