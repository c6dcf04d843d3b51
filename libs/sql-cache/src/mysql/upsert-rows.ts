/** Inserts rows, or updates those whose hash differs (`cats_pk (id, agent)`). */
import type { Connection } from 'mysql2';
import type { UpsertRows } from '../dialect.ts';
import { insertWith } from './insert-rows.ts';

/**
 * `body_hash` is assigned last: assignments are made in order, and the others ask for the old one.
 * `VALUES()` is what both MySQL and MariaDB understand.
 */
const update = `
      ON DUPLICATE KEY UPDATE
        body = IF(body_hash = VALUES(body_hash), body, VALUES(body)),
        last_updated = IF(body_hash = VALUES(body_hash), last_updated, VALUES(last_updated)),
        body_hash = VALUES(body_hash)`;

/** As many statements as it takes. */
export async function upsertRows(
  connection: Connection,
  request: UpsertRows,
  packetBytes: number,
): Promise<void> {
  await insertWith(update, { connection, request, packetBytes });
}
