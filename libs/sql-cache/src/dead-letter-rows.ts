/** The dead letters in `fairlead_dead_letters` (primary key `id`; index on account and id). */
import type { Knex } from 'knex';
import {
  maxDeadLetterBytes,
  type DeadLetter,
  type DeadLetterChanges,
  type DeadLetters,
  type StoredDeadLetter,
} from './dead-letter.ts';
import type { Dialect, WriteSession } from './dialect.ts';

interface LetterRow {
  readonly id: string;
  readonly account: string;
  readonly api_group: string;
  readonly resource: string;
  readonly kind: string;
  readonly feed_namespace: string;
  readonly type: string;
  readonly row_id: string;
  readonly object_namespace: string;
  readonly object_name: string;
  readonly uid: string;
  readonly resource_version: string;
  readonly operation: string;
  readonly reason: string;
  readonly message: string;
  /** PostgreSQL's driver gives 64-bit numbers as text. */
  readonly first_seen_ms: number | string;
  readonly last_seen_ms: number | string;
  readonly attempts: number;
  readonly payload_bytes: number | string;
  readonly payload: Uint8Array | null;
}

const table = 'fairlead_dead_letters';
/** Everything but the payload. */
const columns = [
  'id',
  'account',
  'api_group',
  'resource',
  'kind',
  'feed_namespace',
  'type',
  'row_id',
  'object_namespace',
  'object_name',
  'uid',
  'resource_version',
  'operation',
  'reason',
  'message',
  'first_seen_ms',
  'last_seen_ms',
  'attempts',
  'payload_bytes',
] as const;
/** `message` holds this much; more helps nobody. */
const maxMessageChars = 1000;
/** Far above what Kubernetes allows in a name; `mediumtext` holds it. */
const maxNameChars = 100_000;
/** Ids in one statement: far below what the protocols carry. */
const maxIdsPerStatement = 500;

/** What reading needs. */
export interface DeadLetterDeps {
  readonly dialect: Dialect;
  /** Runs work until it succeeds or fails for good. */
  readonly retrying: <T>(operation: string, work: () => Promise<T>) => Promise<T>;
}

/** The dead letters of one database. */
export function createDeadLetters({ dialect, retrying }: DeadLetterDeps): DeadLetters {
  return {
    list: (query) => retrying('listDeadLetters', () => selectPage(dialect.knex, query)),
    get: (id) => retrying('getDeadLetter', () => selectOne(dialect.knex, id)),
    countByReason: () => retrying('countDeadLetters', () => countByReason(dialect.knex)),
  };
}

/** Writes changes inside the transaction of the unit that they belong to. */
export async function writeDeadLetters(
  dialect: Dialect,
  session: WriteSession,
  request: {
    readonly account: string;
    readonly changes: DeadLetterChanges;
    readonly nowMs: number;
  },
): Promise<void> {
  const { account, changes, nowMs } = request;
  const { put } = changes;
  const putIds = new Set(put.map(({ id }) => id));
  const ids = changes.cleared.filter((id) => !putIds.has(id));
  await deleteByIds(dialect, session, { account, ids });
  const byId = new Map(put.map((letter) => [letter.id, letter]));
  const letters = [...byId.keys()].sort().flatMap((id) => byId.get(id) ?? []);
  for (const letter of letters) await upsert(dialect, session, rowFromLetter(letter, nowMs));
}

/** Deletes at most `limit` letters of an account; gives their number. */
export async function deleteAccountLetters(
  dialect: Dialect,
  session: WriteSession,
  request: { readonly account: string; readonly limit: number },
): Promise<number> {
  // Ids first: MySQL takes no LIMIT in a subquery of IN, and PostgreSQL none in DELETE.
  const { account, limit } = request;
  const found = await dialect
    .knex<LetterRow>(table)
    .select('id')
    .where({ account })
    .limit(limit)
    .connection(session.connection);
  await deleteByIds(dialect, session, { account, ids: found.map(({ id }) => id) });
  return found.length;
}

/** Letters are few and written seldom: one statement or two for each, the same in every dialect. */
async function upsert(dialect: Dialect, session: WriteSession, row: LetterRow): Promise<void> {
  const { id, first_seen_ms: _, attempts: __, ...again } = row;
  const { knex } = dialect;
  const updated = await knex(table)
    .where({ id })
    .update({ ...again, attempts: knex.raw('attempts + 1') })
    .connection(session.connection);
  if (updated === 0) await knex<LetterRow>(table).insert(row).connection(session.connection);
}

async function deleteByIds(
  dialect: Dialect,
  session: WriteSession,
  letters: { readonly account: string; readonly ids: readonly string[] },
): Promise<void> {
  const { account } = letters;
  const sorted = [...letters.ids].sort();
  for (let from = 0; from < sorted.length; from += maxIdsPerStatement) {
    await dialect
      .knex<LetterRow>(table)
      .whereIn('id', sorted.slice(from, from + maxIdsPerStatement))
      .where({ account })
      .delete()
      .connection(session.connection);
  }
}

async function selectPage(
  knex: Knex,
  query: Parameters<DeadLetters['list']>[0],
): Promise<StoredDeadLetter[]> {
  const { account, after, limit } = query;
  const rows = knex<LetterRow>(table)
    .select(...columns, knex.raw('payload is not null as has_payload'))
    .orderBy(['account', 'id'])
    .limit(limit);
  if (account !== undefined) void rows.where({ account });
  if (after !== undefined) {
    // Not `(account, id) > (?, ?)`: MySQL 5.7 reads the whole index for it.
    void rows
      .where('account', '>=', after.account)
      .whereRaw('(account > ? or id > ?)', [after.account, after.id]);
  }
  return ((await rows) as unknown as SelectedRow[]).map(letterFromRow);
}

async function selectOne(
  knex: Knex,
  id: string,
): Promise<(StoredDeadLetter & { readonly payload: Buffer | undefined }) | undefined> {
  const [row] = await knex<LetterRow>(table).select('*').where({ id });
  if (row === undefined) return undefined;
  const payload = row.payload === null ? undefined : Buffer.from(row.payload);
  return { ...letterFromRow({ ...row, has_payload: payload !== undefined }), payload };
}

async function countByReason(knex: Knex): Promise<ReadonlyMap<string, number>> {
  const rows = await knex<LetterRow>(table)
    .groupBy('reason')
    .count('*', { as: 'letters' })
    .select('reason');
  return new Map(rows.map((row) => [row.reason, Number(row.letters)]));
}

type SelectedRow = Omit<LetterRow, 'payload'> & { readonly has_payload: unknown };

function letterFromRow(row: SelectedRow): StoredDeadLetter {
  return {
    id: row.id,
    account: row.account,
    feed: {
      group: row.api_group,
      resource: row.resource,
      namespace: row.feed_namespace,
      kind: row.kind,
    },
    type: row.type,
    rowId: row.row_id,
    namespace: row.object_namespace,
    name: row.object_name,
    uid: row.uid,
    resourceVersion: row.resource_version,
    operation: row.operation === 'delete' ? 'delete' : 'write',
    reason: row.reason,
    message: row.message,
    firstSeenMs: Number(row.first_seen_ms),
    lastSeenMs: Number(row.last_seen_ms),
    attempts: row.attempts,
    payloadBytes: Number(row.payload_bytes),
    hasPayload: Boolean(row.has_payload),
  };
}

/** Whatever made the row be refused must not make its letter be refused: no NUL, nothing too long. */
function rowFromLetter(letter: DeadLetter, nowMs: number): LetterRow {
  const { feed, payload } = letter;
  const isKept = payload.byteLength > 0 && payload.byteLength <= maxDeadLetterBytes;
  return {
    id: letter.id,
    account: letter.account,
    api_group: text(feed.group, 253),
    resource: text(feed.resource, 128),
    kind: text(feed.kind, 128),
    feed_namespace: text(feed.namespace, 63),
    type: text(letter.type, 400),
    row_id: text(letter.rowId, maxNameChars),
    object_namespace: text(letter.namespace, maxNameChars),
    object_name: text(letter.name, maxNameChars),
    uid: text(letter.uid, 255),
    resource_version: text(letter.resourceVersion, 255),
    operation: letter.operation,
    reason: text(letter.reason, 64),
    message: text(letter.message, maxMessageChars),
    first_seen_ms: nowMs,
    last_seen_ms: nowMs,
    attempts: 1,
    payload_bytes: payload.byteLength,
    payload: isKept ? Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength) : null,
  };
}

/** PostgreSQL takes no NUL in a text, and no database half a surrogate pair. */
function text(value: string, maxChars: number): string {
  return value.slice(0, maxChars).toWellFormed().replaceAll('\0', '\u{fffd}');
}
