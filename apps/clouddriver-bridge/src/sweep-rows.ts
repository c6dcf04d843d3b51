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

/** Rows that must go in one transaction; the last of them may be none, but always come. */
export interface SweptPage {
  /** Their keys. */
  readonly deletes: readonly RowKey[];
  /** Whether no page follows. */
  readonly isLast: boolean;
}

/**
 * Ids read at once, some 2 MiB. Each page costs a database that cannot follow ids in order through an
 * index a walk over all of the agent's (PostgreSQL: 20 ms for 50,000).
 */
const pageIds = 10_000;
/** Most rows deleted in one transaction. */
const maxDeletes = 1000;

/** The pages. Rows may be deleted between two of them. */
export async function* sweepRows(request: SweepRequest): AsyncGenerator<SweptPage> {
  const { cache, isKept } = request;
  const { type, agent, namespace } = request.rows;
  const bound = namespace === '' ? {} : { namespace };
  let afterId = '';
  for (;;) {
    const ids = await cache.listIds({ type, agent, afterId, limit: pageIds, ...bound });
    const isLastPage = ids.length < pageIds;
    const deletes = ids.filter((id) => !isKept(id)).map((id) => ({ type, id, agent }));
    for (let from = 0; from === 0 || from < deletes.length; from += maxDeletes) {
      const isLast = isLastPage && from + maxDeletes >= deletes.length;
      yield { deletes: deletes.slice(from, from + maxDeletes), isLast };
    }
    if (isLastPage) return;
    afterId = ids.at(-1) ?? afterId;
  }
}
