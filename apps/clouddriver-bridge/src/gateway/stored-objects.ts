/**
 * Reads the objects of one kind as they were at one moment, in small steps, so that neither the
 * bridge's memory nor the database's transactions grow with the list. Rows are read as they are;
 * what has changed since the moment is taken back by what the journal remembers.
 */
import { infrastructureKey, parseInfrastructureKey } from '@fairlead/clouddriver-model';
import { type SqlCache } from '@fairlead/sql-cache';
import { CachedReadError } from './cached-read-error.ts';
import { objectInBody } from './object-bytes.ts';
import { type PastRows } from './row-history.ts';

/** Which objects. */
export interface StoredObjectsQuery {
  readonly account: string;
  readonly type: string;
  readonly agent: string;
  /** `undefined`: of all namespaces; `''`: cluster-scoped ones. */
  readonly namespace: string | undefined;
  /** Only objects of this name. */
  readonly name: string | undefined;
  /** Only objects after this row, in the order of the ids' bytes; `''`: from the beginning. */
  readonly afterId: string;
  /** How many are expected to be wanted; 0: all. */
  readonly limit: number;
}

/** The moment. */
export interface StoredMoment {
  /** What has changed since; `undefined`: nobody writes. */
  readonly past: PastRows | undefined;
  /** Resolves when all that may have been read is noted in `past`. */
  readonly settled: () => Promise<void>;
}

/** One of them. */
export interface StoredObject {
  /** The row's id. */
  readonly id: string;
  readonly object: Uint8Array;
}

/** What is read from. */
export type ObjectRows = Pick<SqlCache, 'listObjectIds' | 'bodiesOf'>;

/** Ids found at once: finding ten thousand costs as much as finding ten. */
const idsAtOnce = 10_000;
/** Bodies read at once: by what the last ones were long, about so many bytes. */
const chunkBytes = 512 * 1024;
const [firstChunk, largestChunk] = [50, 500];

/** All of them, in the order of their rows' ids. Throws {@link CachedReadError} 410. */
export async function* storedObjects(
  rows: ObjectRows,
  query: StoredObjectsQuery,
  moment: StoredMoment,
): AsyncGenerator<StoredObject, void, undefined> {
  for await (const ids of pagesOfIds(rows, query, moment)) {
    let chunk = query.limit > 0 ? Math.min(query.limit + 1, largestChunk) : firstChunk;
    for (let at = 0; at < ids.length;) {
      const wanted = ids.slice(at, at + chunk);
      at += wanted.length;
      const objects = await objectsOf(rows, { ...query, ids: wanted }, moment);
      yield* objects;
      chunk = nextChunk(objects, chunk);
    }
  }
}

/** How many ids to ask for next. */
function nextChunk(objects: readonly StoredObject[], before: number): number {
  if (objects.length === 0) return before;
  const bytes = objects.reduce((sum, { object }) => sum + object.byteLength, 0);
  const fitting = Math.floor((chunkBytes * objects.length) / Math.max(bytes, 1));
  return Math.min(largestChunk, Math.max(1, fitting));
}

async function* pagesOfIds(
  rows: ObjectRows,
  query: StoredObjectsQuery,
  moment: StoredMoment,
): AsyncGenerator<readonly string[], void, undefined> {
  const one = oneId(query);
  if (one !== undefined) {
    if (isAfter(one, query.afterId)) yield [one];
    return;
  }
  const { type, agent, namespace, limit: most } = query;
  const limit = most > 0 && query.name === undefined ? Math.min(most + 1, idsAtOnce) : idsAtOnce;
  let { afterId } = query;
  for (;;) {
    const page = { type, agent, afterId, limit, ...(namespace === undefined ? {} : { namespace }) };
    const found = await rows.listObjectIds(page);
    await takeBack(moment);
    const upTo = found.length < limit ? undefined : found.at(-1);
    yield idsThen(found, { query, moment, afterId, upTo });
    if (upTo === undefined) return;
    afterId = upTo;
  }
}

function oneId({ account, type: kind, namespace, name }: StoredObjectsQuery): string | undefined {
  if (name === undefined || namespace === undefined) return undefined;
  return infrastructureKey({ kind, account, namespace, name });
}

/** The ids of a page as they were: with those that went since, without those that came. */
function idsThen(
  found: readonly string[],
  page: {
    readonly query: StoredObjectsQuery;
    readonly moment: StoredMoment;
    readonly afterId: string;
    readonly upTo: string | undefined;
  },
): readonly string[] {
  const { query, afterId, upTo } = page;
  const { past } = page.moment;
  const wasThere = (id: string): boolean => past?.has(id) !== true || past.get(id) !== undefined;
  const here = new Set(found);
  const gone = (past?.idsThen() ?? []).filter((id) => {
    const isInPage = isAfter(id, afterId) && (upTo === undefined || !isAfter(id, upTo));
    return isInPage && !here.has(id) && isOfNamespace(id, query.namespace);
  });
  const ids = [...found.filter(wasThere), ...gone].filter((id) => isOfName(id, query.name));
  return gone.length === 0 ? ids : ids.sort(byBytes);
}

/** The objects of some ids as they were; those that were not there are left out. */
async function objectsOf(
  rows: ObjectRows,
  query: Pick<StoredObjectsQuery, 'type' | 'agent'> & { readonly ids: readonly string[] },
  moment: StoredMoment,
): Promise<readonly StoredObject[]> {
  const { type, agent, ids } = query;
  const bodies = new Map(
    (await rows.bodiesOf({ type, agent, ids })).map(({ id, body }) => [id, body]),
  );
  await takeBack(moment);
  const { past } = moment;
  return ids.flatMap((id) => {
    const body = bodies.get(id);
    const now = body === undefined ? undefined : objectInBody(body);
    const object = past?.has(id) === true ? past.get(id) : now;
    return object === undefined ? [] : [{ id, object }];
  });
}

async function takeBack({ past, settled }: StoredMoment): Promise<void> {
  await settled();
  if (past?.refresh() !== false) return;
  const message = 'fairlead: too much has changed since the list began; list again';
  throw new CachedReadError(410, message);
}

function isOfNamespace(id: string, namespace: string | undefined): boolean {
  return namespace === undefined || parseInfrastructureKey(id)?.namespace === namespace;
}

function isOfName(id: string, name: string | undefined): boolean {
  return name === undefined || parseInfrastructureKey(id)?.name === name;
}

function isAfter(id: string, other: string): boolean {
  return byBytes(id, other) > 0;
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
