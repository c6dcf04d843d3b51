/** The feeds in `fairlead_feeds` (primary key account, group, resource, namespace). */
import type { FeedCheckpoint, FeedName, StoredFeed } from './sql-cache.ts';
import type { CheckpointRow, Dialect, WriteSession } from './dialect.ts';
import { feedsTable as table } from './checkpoint-columns.ts';

/** A whole row; PostgreSQL's driver gives 64-bit numbers as text. */
interface FeedRow extends Omit<CheckpointRow, 'as_of_ms' | 'updated_at_ms' | 'ahead'> {
  readonly as_of_ms: number | string;
  readonly updated_at_ms: number | string;
  readonly ahead: string | null;
}

/** The feeds of an account. */
export async function selectFeeds(dialect: Dialect, account: string): Promise<StoredFeed[]> {
  const rows = await dialect.knex<FeedRow>(table).select('*').where({ account });
  return rows.map(feedFromRow);
}

/** What checkpoints are in the table, each feed once and in the order of the key. */
export function checkpointRows(request: {
  readonly account: string;
  readonly checkpoints: readonly FeedCheckpoint[];
  readonly nowMs: number;
}): readonly CheckpointRow[] {
  const { account, nowMs } = request;
  return onceByKey(
    request.checkpoints.map((checkpoint) => rowFromCheckpoint(account, checkpoint, nowMs)),
  );
}

/** Forgets feeds. */
export async function deleteFeeds(
  dialect: Dialect,
  session: WriteSession,
  request: { readonly account: string; readonly feeds: readonly FeedName[] },
): Promise<void> {
  for (const feed of request.feeds) {
    await dialect
      .knex<FeedRow>(table)
      .where({
        account: request.account,
        api_group: feed.group,
        resource: feed.resource,
        namespace: feed.namespace,
      })
      .delete()
      .connection(session.connection);
  }
}

/** Forgets all feeds of an account. */
export async function deleteAllFeeds(
  dialect: Dialect,
  session: WriteSession,
  account: string,
): Promise<void> {
  await dialect.knex<FeedRow>(table).where({ account }).delete().connection(session.connection);
}

/** PostgreSQL refuses to touch one row twice in one statement: the last one of a key counts. */
function onceByKey<T extends CheckpointRow>(rows: readonly T[]): T[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]));
  return [...byKey.keys()].sort().flatMap((text) => byKey.get(text) ?? []);
}

function keyOf(row: CheckpointRow): string {
  return `${row.api_group}\n${row.resource}\n${row.namespace}`;
}

function rowFromCheckpoint(account: string, feed: FeedCheckpoint, nowMs: number): CheckpointRow {
  return {
    account,
    api_group: feed.group,
    resource: feed.resource,
    namespace: feed.namespace,
    version: feed.version,
    kind: feed.kind,
    is_namespaced: feed.namespaced ? 1 : 0,
    type: feed.type,
    resource_version: feed.resourceVersion,
    as_of_ms: feed.asOfMs,
    policy: feed.policy ?? '',
    ahead: feed.ahead ?? '',
    updated_at_ms: nowMs,
  };
}

function feedFromRow(row: FeedRow): StoredFeed {
  return {
    group: row.api_group,
    resource: row.resource,
    namespace: row.namespace,
    version: row.version,
    kind: row.kind,
    namespaced: row.is_namespaced === 1,
    type: row.type,
    resourceVersion: row.resource_version,
    asOfMs: Number(row.as_of_ms),
    policy: row.policy,
    ahead: row.ahead ?? '',
    updatedAtMs: Number(row.updated_at_ms),
  };
}
