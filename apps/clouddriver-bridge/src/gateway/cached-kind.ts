/** What of a resource is in the cache, for one request: which feeds, in which version, how old. Pure. */
import { cachingAgentName } from '@fairlead/clouddriver-model';
import { CachedReadError } from './cached-read-error.ts';
import { type ResourcePath } from './resource-path.ts';
import { type ServedFeed } from './served-feeds.ts';

/** A resource that can be read from the cache. */
export interface CachedKind {
  /** Clouddriver's cache type. */
  readonly type: string;
  /** The caching agent that owns the rows. */
  readonly agent: string;
  /** As objects have it. */
  readonly apiVersion: string;
  /** Kubernetes kind. */
  readonly kind: string;
  /** `pods`, `deployments.apps`. */
  readonly resource: string;
  readonly namespaced: boolean;
  /** The feeds that the request is about. */
  readonly feeds: readonly ServedFeed[];
  /** Up to when all of it is known to be true, epoch milliseconds. */
  readonly asOfMs: number;
  /** The only namespaces that are cached; empty: all of them are. */
  readonly onlyNamespaces: readonly string[];
}

/** When the first list of a feed may be complete, s. */
const syncRetrySeconds = 5;

/** Finds a resource in an account's feeds. Throws {@link CachedReadError}. */
export function findCachedKind(
  account: string,
  path: ResourcePath,
  feeds: readonly ServedFeed[],
): CachedKind {
  const { group, resource, version, namespace } = path;
  const fullName = group === '' ? resource : `${resource}.${group}`;
  if (path.subresource !== '') {
    throw notCached(account, `${fullName}/${path.subresource}`, 'only whole objects are');
  }
  const ofResource = feeds.filter((feed) => feed.group === group && feed.resource === resource);
  const [first] = ofResource;
  if (first === undefined) {
    throw notCached(account, fullName, "the account's kinds do not name them");
  }
  if (first.version !== version) {
    throw notCached(account, `${fullName} in ${version}`, `they are in ${first.version}`);
  }
  if (namespace !== undefined && !first.namespaced) {
    throw new CachedReadError(404, `fairlead: ${fullName} are not in namespaces`);
  }
  const inScope = ofResource.filter(
    (feed) => feed.namespace === '' || namespace === undefined || feed.namespace === namespace,
  );
  if (inScope.length === 0) {
    throw notCached(account, `${fullName} of namespace ${String(namespace)}`, 'others are');
  }
  if (inScope.some(({ resourceVersion }) => resourceVersion === '')) {
    const message = `fairlead: the first list of ${fullName} of ${account} is not complete yet`;
    throw new CachedReadError(503, message, syncRetrySeconds);
  }
  return cachedKind({ account, fullName, feeds: inScope, first, namespace });
}

function cachedKind(found: {
  readonly account: string;
  readonly fullName: string;
  readonly feeds: readonly ServedFeed[];
  readonly first: ServedFeed;
  readonly namespace: string | undefined;
}): CachedKind {
  const { account, fullName: resource, feeds, first, namespace } = found;
  const { type, group, version, kind, namespaced } = first;
  const ofNamespaces = feeds.map((feed) => feed.namespace).filter((name) => name !== '');
  const isWhole = namespace !== undefined || ofNamespaces.length < feeds.length;
  return {
    ...{ type, kind, resource, namespaced, feeds },
    agent: cachingAgentName(account, type),
    apiVersion: group === '' ? version : `${group}/${version}`,
    asOfMs: Math.min(...feeds.map(({ asOfMs }) => asOfMs)),
    onlyNamespaces: isWhole ? [] : ofNamespaces.sort(),
  };
}

/** What to do about it is the same in every case. */
function notCached(account: string, what: string, why: string): CachedReadError {
  const how = 'ask the cluster for it (fairlead=live), or have its agent cache it';
  return new CachedReadError(404, `fairlead: ${what} of ${account} is not cached (${why}): ${how}`);
}
