/** Goes through the rows of one type and picks those that must go, page by page. */
import { type RowKey, type SqlCache } from '@fairlead/sql-cache';

/** Which rows, and which of them stay. */
export interface SweepRequest {
  /** The database. */
  readonly cache: Pick<SqlCache, 'listIds'>;
  /** The rows to go through. */
  readonly rows: {
    /** Clouddriver's cache type. */
    readonly type: string;
    /** The caching agent that owns them. */
    readonly agent: string;
    /** Only this namespace; `''` for all. */
    readonly namespace: string;
  };
  /** Whether a row stays. */
  readonly isKept: (id: string) => boolean;
}

/** Rows of one page that must go; the last page may have none, but always comes. */
export interface SweptPage {
  /** Their keys. */
  readonly deletes: readonly RowKey[];
  /** Whether no page follows. */
  readonly isLast: boolean;
}

/** Ids per page, and so most rows deleted in one transaction. */
const pageIds = 1000;

/** The pages. Rows may be deleted between two of them. */
export async function* sweepRows(request: SweepRequest): AsyncGenerator<SweptPage> {
  const { cache, isKept } = request;
  const { type, agent, namespace } = request.rows;
  const bound = namespace === '' ? {} : { namespace };
  let afterId = '';
  for (;;) {
    const ids = await cache.listIds({ type, agent, afterId, limit: pageIds, ...bound });
    const deletes = ids.filter((id) => !isKept(id)).map((id) => ({ type, id, agent }));
    const isLast = ids.length < pageIds;
    yield { deletes, isLast };
    if (isLast) return;
    afterId = ids.at(-1) ?? afterId;
  }
}
