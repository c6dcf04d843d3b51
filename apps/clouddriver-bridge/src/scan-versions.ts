/** Reads the versions of a feed's rows, page by page and at low urgency: everybody else goes first. */
import { parseInfrastructureKey } from '@fairlead/clouddriver-model';
import { hashObjectVersion } from '@fairlead/protocol';
import { type SqlCache, type StoredVersion } from '@fairlead/sql-cache';
import { type FeedIntake } from './feed-intake.ts';
import { type Permits } from './permits.ts';
import { type RowState } from './row-versions.ts';

/** What is read with. */
export interface ScanDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'listIds' | 'versionsOf'>;
  /** How many work with the database at once. */
  readonly permits: Permits;
}

/** A row and what it holds. */
export interface ScannedRow {
  /** The row's id. */
  readonly id: string;
  /** What it holds. */
  readonly state: RowState;
}

/**
 * Ids read at once, some 2 MiB. Each page costs a database that cannot follow ids in order through an
 * index a walk over all of the agent's (PostgreSQL: 20 ms for 50,000).
 */
const pageIds = 10_000;
/** Rows looked into at once: about 10 ms of a database that hashes and parses them. */
const rowsAtOnce = 500;

/** The feed's rows in pieces, until the last or until nobody wants them. */
export async function* scanVersions(
  intake: FeedIntake,
  { cache, permits }: ScanDeps,
): AsyncGenerator<readonly ScannedRow[]> {
  const { type, agent, feed } = intake;
  const bound = feed.namespace === '' ? {} : { namespace: feed.namespace };
  let afterId = '';
  for (;;) {
    const query = { type, agent, afterId, limit: pageIds, ...bound };
    const ids = await permits.with(() => cache.listIds(query), 'bulk');
    for (let from = 0; from < ids.length; from += rowsAtOnce) {
      const rows = { type, agent, ids: ids.slice(from, from + rowsAtOnce) };
      const found = await permits.with(() => cache.versionsOf(rows), 'bulk');
      yield found.map((row) => scannedRow(row, intake));
    }
    if (ids.length < pageIds) return;
    afterId = ids.at(-1) ?? afterId;
  }
}

/** A row is sound if it says of one object of this feed, under the object's own id, what it is. */
function scannedRow(row: StoredVersion, intake: FeedIntake): ScannedRow {
  const { id, isSound, apiVersion, uid, resourceVersion } = row;
  const key = parseInfrastructureKey(id);
  const isOurs = isSound && key !== undefined && intake.rowKey(key).id === id;
  if (!isOurs || apiVersion !== intake.apiVersion) {
    return { id, state: { kind: 'unsound' } };
  }
  const { namespace, name } = key;
  const version = hashObjectVersion({ namespace, name, uid, resourceVersion });
  return { id, state: { kind: 'sound', version } };
}
