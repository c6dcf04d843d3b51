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
  readonly cache: Pick<SqlCache, 'listVersions'>;
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

/** Rows per page: about 10 ms of a database that hashes and parses them. */
const pageRows = 500;

/** The pages of a feed's rows, until the last or until nobody wants them. */
export async function* scanVersions(
  intake: FeedIntake,
  { cache, permits }: ScanDeps,
): AsyncGenerator<readonly ScannedRow[]> {
  const { type, agent, feed } = intake;
  const bound = feed.namespace === '' ? {} : { namespace: feed.namespace };
  let afterId = '';
  for (;;) {
    const query = { type, agent, afterId, limit: pageRows, ...bound };
    const page = await permits.with(() => cache.listVersions(query), 'bulk');
    // Rows may vanish while a page is read, so that only an empty one is surely the last.
    if (page.length === 0) return;
    yield page.map((row) => scannedRow(row, intake));
    afterId = page.at(-1)?.id ?? afterId;
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
