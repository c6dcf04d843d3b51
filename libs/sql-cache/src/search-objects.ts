/**
 * Finds objects over all accounts, table by table in the order of types, row by row in the order of
 * ids. SQL narrows by what is in the key and in the agent column; the rest is read from the body.
 * The rows read per call are bounded, so a page may be short or empty and still have a `continue`.
 */
import {
  cachingAgentName,
  parseInfrastructureKey,
  parseObjectView,
  readRowHead,
  rowHeadChars,
  spinnakerKind,
  type InfrastructureKey,
  type RowHead,
} from '@fairlead/clouddriver-model';
import { parseLabelSelector, type LabelMatcher } from './label-selector.ts';
import type { SearchItem, SearchPage, SearchQuery } from './search.ts';
import { decodeCursor, encodeCursor, type SearchCursor } from './search-cursor.ts';
import { selectSearchRows, type SearchRow } from './select-search-rows.ts';
import type { Dialect } from './dialect.ts';
import { SqlCacheError } from './sql-cache-error.ts';
import { manifestIn } from './manifest-bytes.ts';

/** What searching needs. */
export interface SearchDeps {
  readonly dialect: Dialect;
  /** Types with rows, sorted. */
  readonly types: readonly string[];
}

const defaultLimit = 100;
const maxLimit = 1000;
/** Rows read per call at most: about 50 ms of reading heads. */
const maxScannedRows = 5000;
/** Rows read per statement. */
const scanRows = 500;

interface Search {
  readonly query: SearchQuery;
  readonly limit: number;
  readonly labels: LabelMatcher | undefined;
  readonly deps: SearchDeps;
  readonly items: SearchItem[];
  scanned: number;
}

/**
 * One page.
 * @throws SqlCacheError `invalidOptions` for a selector or a cursor that cannot be read
 */
export async function searchObjects(query: SearchQuery, deps: SearchDeps): Promise<SearchPage> {
  const cursor = query.continue === undefined ? undefined : decodeCursor(query.continue);
  const search: Search = {
    query,
    limit: Math.min(Math.max(query.limit ?? defaultLimit, 1), maxLimit),
    labels: labelsOf(query),
    deps,
    items: [],
    scanned: 0,
  };
  for (const type of typesOf(query, deps.types)) {
    if (cursor !== undefined && type < cursor.type) continue;
    const afterId = cursor?.type === type ? cursor.afterId : '';
    const rest = await searchType(search, { type, afterId });
    if (rest !== undefined) return { items: search.items, continue: encodeCursor(rest) };
  }
  return { items: search.items };
}

function labelsOf(query: SearchQuery): LabelMatcher | undefined {
  if (query.labelSelector === undefined) return undefined;
  const labels = parseLabelSelector(query.labelSelector);
  if (labels === undefined) throw new SqlCacheError('invalidOptions', 'labelSelector is not one');
  return labels;
}

/** Types that a kind may mean: `Pod`, `replicaset`, `CronTab.stable.example.com`, or just `CronTab`. */
function typesOf(query: SearchQuery, types: readonly string[]): readonly string[] {
  const objects = types.filter((type) => type !== 'applications' && type !== 'clusters');
  if (query.kind === undefined) return objects;
  const wanted = spinnakerKind('v1', query.kind).toLowerCase();
  return objects.filter((type) => {
    const name = type.toLowerCase();
    return name === wanted || name.startsWith(`${wanted}.`);
  });
}

/** Searches one table; gives where to go on when the page is full or enough has been read. */
async function searchType(search: Search, start: SearchCursor): Promise<SearchCursor | undefined> {
  const { query, deps } = search;
  const { type } = start;
  let { afterId } = start;
  for (;;) {
    if (search.items.length >= search.limit || search.scanned >= maxScannedRows) {
      return { type, afterId };
    }
    const rows = await selectSearchRows(deps.dialect, {
      type,
      agent: query.account === undefined ? undefined : cachingAgentName(query.account, type),
      namespace: query.namespace,
      name: query.name,
      afterId,
      limit: scanRows,
      body: query.manifest === 'include' || search.labels !== undefined ? 'whole' : 'head',
    });
    search.scanned += rows.length;
    for (const row of rows) {
      afterId = row.id;
      const item = await itemOf(row, type, search);
      if (item !== undefined) search.items.push(item);
      if (search.items.length >= search.limit) return { type, afterId };
    }
    if (rows.length < scanRows) return undefined;
  }
}

async function itemOf(
  row: SearchRow,
  type: string,
  search: Search,
): Promise<SearchItem | undefined> {
  const { query } = search;
  const key = parseInfrastructureKey(row.id);
  if (key === undefined || !isKeyWanted(key, query)) return undefined;
  let body = row.body;
  let head = readRowHead(body);
  const isCut = head.uid === '' && body.length >= rowHeadChars;
  if (isCut && search.labels === undefined && query.manifest !== 'include') {
    const [whole] = await selectSearchRows(search.deps.dialect, {
      ...wholeRow(type, row),
    });
    body = whole?.body ?? body;
    head = readRowHead(body);
  }
  if (query.application !== undefined && head.moniker.app !== query.application) return undefined;
  const manifest = search.labels === undefined ? undefined : manifestIn(body);
  if (search.labels !== undefined) {
    if (manifest === undefined || !search.labels(parseObjectView(manifest).labels)) {
      return undefined;
    }
  }
  return searchItem({ key, row, head, body, query });
}

function wholeRow(type: string, row: SearchRow): Parameters<typeof selectSearchRows>[1] {
  return {
    type,
    agent: undefined,
    namespace: undefined,
    name: undefined,
    id: row.id,
    afterId: '',
    limit: 1,
    body: 'whole',
  };
}

/** SQL has compared prefixes; here the parts are compared. */
function isKeyWanted(key: InfrastructureKey, query: SearchQuery): boolean {
  if (query.account !== undefined && key.account !== query.account) return false;
  if (query.namespace !== undefined && key.namespace !== query.namespace) return false;
  if (query.name !== undefined && key.name !== query.name) return false;
  if (query.q === undefined) return true;
  const q = query.q.toLowerCase();
  return key.name.toLowerCase().includes(q) || key.namespace.toLowerCase().includes(q);
}

function searchItem(found: {
  readonly key: InfrastructureKey;
  readonly row: SearchRow;
  readonly head: RowHead;
  readonly body: string;
  readonly query: SearchQuery;
}): SearchItem {
  const { key, row, head } = found;
  const manifest = found.query.manifest === 'include' ? manifestIn(found.body) : undefined;
  return {
    account: key.account,
    kind: key.kind,
    apiVersion: head.apiVersion,
    namespace: key.namespace,
    name: key.name,
    application: head.moniker.app ?? '',
    cluster: head.moniker.cluster ?? '',
    resourceVersion: head.resourceVersion,
    uid: head.uid,
    updatedAtMs: row.updatedAtMs,
    id: row.id,
    ...(manifest === undefined ? {} : { manifest }),
  };
}
