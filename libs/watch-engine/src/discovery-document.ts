/**
 * From the API server's discovery documents to resource types, for both of its forms: aggregated
 * (one document per root, apidiscovery.k8s.io) and plain (one per group and version).
 * https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
 */
import { arrayOf, fieldOf, textOf } from './json-field.ts';
import type { ResourceType } from './resource-type.ts';

/** One version of a group as discovery tells it. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
  /** Only types with verbs list and watch; no subresources. */
  readonly types: readonly ResourceType[];
  /** False when the server could not ask the API behind it (`freshness: Stale`, or an error). */
  readonly isComplete: boolean;
}

/** Reads an aggregated document; null if it is none. */
export function readAggregatedDiscovery(document: unknown): readonly GroupVersion[] | null {
  if (textOf(document, 'kind') !== 'APIGroupDiscoveryList') return null;
  return arrayOf(document, 'items').flatMap((item) => {
    const group = textOf(fieldOf(item, 'metadata'), 'name');
    return arrayOf(item, 'versions').map((version) => readAggregatedVersion(group, version));
  });
}

function readAggregatedVersion(group: string, entry: unknown): GroupVersion {
  const version = textOf(entry, 'version');
  return {
    group,
    version,
    types: arrayOf(entry, 'resources').flatMap((resource) =>
      watchable(resource, {
        group,
        version,
        resource: textOf(resource, 'resource'),
        kind: textOf(fieldOf(resource, 'responseKind'), 'kind'),
        namespaced: textOf(resource, 'scope') === 'Namespaced',
      }),
    ),
    isComplete: textOf(entry, 'freshness') !== 'Stale',
  };
}

/** The versions of the core group in a plain `/api` document; null if it is none. */
export function readCoreVersions(document: unknown): readonly string[] | null {
  if (textOf(document, 'kind') !== 'APIVersions') return null;
  return arrayOf(document, 'versions').filter((version) => typeof version === 'string');
}

/** The groups of a plain `/apis` document, preferred version first; null if it is none. */
export function readGroups(
  document: unknown,
): readonly { readonly group: string; readonly versions: readonly string[] }[] | null {
  if (textOf(document, 'kind') !== 'APIGroupList') return null;
  return arrayOf(document, 'groups').map((group) => {
    const preferred = textOf(fieldOf(group, 'preferredVersion'), 'version');
    const versions = arrayOf(group, 'versions').map((entry) => textOf(entry, 'version'));
    const ordered = preferred === '' ? versions : [preferred, ...versions];
    return { group: textOf(group, 'name'), versions: [...new Set(ordered)] };
  });
}

/** Reads a plain document of one group and version; null if it is none. */
export function readResourceList(
  document: unknown,
  at: { readonly group: string; readonly version: string },
): GroupVersion | null {
  if (textOf(document, 'kind') !== 'APIResourceList') return null;
  const types = arrayOf(document, 'resources').flatMap((resource) =>
    watchable(resource, {
      ...at,
      resource: textOf(resource, 'name'),
      kind: textOf(resource, 'kind'),
      namespaced: fieldOf(resource, 'namespaced') === true,
    }),
  );
  return { ...at, types, isComplete: true };
}

function watchable(resource: unknown, type: ResourceType): ResourceType[] {
  const verbs = arrayOf(resource, 'verbs');
  // In the plain form subresources stand in the same list as `pods/log`.
  const isWhole = type.resource !== '' && type.kind !== '' && !type.resource.includes('/');
  return isWhole && verbs.includes('list') && verbs.includes('watch') ? [type] : [];
}
