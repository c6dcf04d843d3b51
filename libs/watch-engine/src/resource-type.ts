/**
 * What a feed follows: one resource type, in one namespace or in all, and where the API server
 * serves it.
 */

/** One resource type as the API server's discovery names it. */
export interface ResourceType {
  /** API group; '' for the core group. */
  readonly group: string;
  /** Version within the group, such as `v1`. */
  readonly version: string;
  /** Plural name in the URL, such as `pods`. */
  readonly resource: string;
  /** Kind as objects carry it, such as `Pod`. */
  readonly kind: string;
  /** Whether its objects live in namespaces. */
  readonly namespaced: boolean;
}

/** Identity of a feed: a resource type, and one namespace if the account is restricted to some. */
export interface FeedKey extends ResourceType {
  /** '' = all namespaces, or a cluster-scoped type. */
  readonly namespace: string;
}

/** The parts of a feed's identity that outlive a change of its version. */
export type FeedName = Pick<FeedKey, 'group' | 'resource' | 'kind' | 'namespace'>;

/** `v1`, `apps/v1`: what an object of this type carries as `apiVersion`. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Path of the collection that a feed lists and watches. */
export function collectionPath(feed: FeedKey): string {
  const root = feed.group === '' ? '/api' : `/apis/${encodeURIComponent(feed.group)}`;
  const inNamespace =
    feed.namespaced && feed.namespace !== ''
      ? `/namespaces/${encodeURIComponent(feed.namespace)}`
      : '';
  return `${root}/${encodeURIComponent(feed.version)}${inNamespace}/${encodeURIComponent(feed.resource)}`;
}

/** A map key for {@link FeedName}: equal for two feeds exactly if one replaces the other. */
export function feedNameKey(feed: Pick<FeedKey, 'group' | 'resource' | 'namespace'>): string {
  return `${feed.group}/${feed.resource}/${feed.namespace}`;
}

/** A map key for {@link FeedKey}: differs when the version, kind or scope changed. */
export function feedKeyKey(feed: FeedKey): string {
  return `${feedNameKey(feed)}/${feed.version}/${feed.kind}/${feed.namespaced ? 'n' : 'c'}`;
}
