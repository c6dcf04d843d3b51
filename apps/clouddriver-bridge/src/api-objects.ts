/** Routes of stored objects: search over all clusters, and one manifest as it is stored. */
import {
  SqlCacheError,
  type SearchItem,
  type SearchQuery,
  type SqlCache,
} from '@fairlead/sql-cache';
import type { FastifyInstance } from 'fastify';
import { type ApiClient } from './access/api-client.ts';
import { readObjectsQuery, type ObjectsQuery } from './api-query.ts';
import { type BridgeView } from './bridge-view.ts';
import { ApiError } from './problem-details.ts';

/** What the routes need. */
export interface ObjectRoutesDeps {
  /** The database. */
  readonly cache: Pick<SqlCache, 'search'>;
  /** For `asOf`. */
  readonly view: Pick<BridgeView, 'rowAsOfMs'>;
  /** Who calls. */
  clientOf(request: object): ApiClient;
}

interface ObjectNames {
  readonly account: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const jsonContentType = 'application/json; charset=utf-8';

/** Adds the routes. */
export function addObjectRoutes(app: FastifyInstance, deps: ObjectRoutesDeps): void {
  app.get('/api/v1/objects', async (request, reply) => {
    const client = deps.clientOf(request);
    const query = readObjectsQuery(request.query);
    const { items, continue: next } = await search(deps.cache, searchQueryOf(query));
    const seen = items.filter(({ account }) => client.mayRead(account));
    const parts = seen.map((item) => itemBytes(item, deps.view));
    const more = next === undefined ? '' : `,"continue":${JSON.stringify(next)}`;
    return reply.type(jsonContentType).send(joined(parts, `]${more}}`));
  });

  app.get<{ Params: ObjectNames }>(
    '/api/v1/objects/:account/:kind/:namespace/:name',
    async (request, reply) => {
      const { account, kind, name } = request.params;
      const namespace = request.params.namespace === '_' ? '' : request.params.namespace;
      const found = deps.clientOf(request).mayRead(account)
        ? await findOne(deps.cache, { account, kind, namespace, name })
        : undefined;
      if (found?.manifest === undefined) throw new ApiError(404, 'no such object is stored');
      return reply.type(jsonContentType).send(Buffer.from(found.manifest));
    },
  );
}

async function findOne(
  cache: Pick<SqlCache, 'search'>,
  names: ObjectNames,
): Promise<SearchItem | undefined> {
  let page = await search(cache, { ...names, manifest: 'include', limit: 1 });
  // A page may be empty and still lead on: the rows looked through per call are bounded.
  while (page.items.length === 0 && page.continue !== undefined) {
    const { continue: next } = page;
    page = await search(cache, { ...names, manifest: 'include', limit: 1, continue: next });
  }
  return page.items[0];
}

async function search(
  cache: Pick<SqlCache, 'search'>,
  query: SearchQuery,
): ReturnType<SqlCache['search']> {
  try {
    return await cache.search(query);
  } catch (error: unknown) {
    if (error instanceof SqlCacheError && error.code === 'invalidOptions') {
      throw new ApiError(400, error.message, { cause: error });
    }
    throw error;
  }
}

function searchQueryOf({ include, namespace, ...query }: ObjectsQuery): SearchQuery {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  return {
    ...(Object.fromEntries(given) as SearchQuery),
    ...(namespace === undefined ? {} : { namespace: namespace === '_' ? '' : namespace }),
    ...(include === undefined ? {} : { manifest: 'include' }),
  };
}

/** One item as JSON, the manifest byte for byte as it is stored. */
function itemBytes(item: SearchItem, view: Pick<BridgeView, 'rowAsOfMs'>): Uint8Array {
  const { account, kind, apiVersion, namespace, name, application, cluster } = item;
  const asOfMs = view.rowAsOfMs({ account, kind, namespace }) || item.updatedAtMs;
  const asOf = new Date(asOfMs).toISOString();
  const { resourceVersion, manifest } = item;
  const names = { account, kind, apiVersion, namespace, name, application, cluster };
  const json = JSON.stringify({ ...names, resourceVersion, asOf });
  if (manifest === undefined) return Buffer.from(json);
  return Buffer.concat([Buffer.from(`${json.slice(0, -1)},"manifest":`), manifest, brace]);
}

const brace = Buffer.from('}');
const comma = Buffer.from(',');

function joined(items: readonly Uint8Array[], end: string): Buffer {
  const parts = items.flatMap((item, at) => (at === 0 ? [item] : [comma, item]));
  return Buffer.concat([Buffer.from('{"items":['), ...parts, Buffer.from(end)]);
}
