// Discovery: what kubectl and every generic client asks first. Aggregated (one document for all
// groups) and plain (one for each group and version).
// https://kubernetes.io/docs/concepts/overview/kubernetes-api/#discovery-api
import { type JsonObject } from './json-value.ts';
import { apiVersionOf, type ServedResource } from './served-resource.ts';

/** What discovery tells about. */
export interface DiscoverySource {
  /** Every served type. */
  readonly types: readonly ServedResource[];
  /**
   * Group versions ('metrics.k8s.io/v1beta1') that are announced, but whose server does not
   * answer: stale in aggregated discovery, 503 in plain discovery.
   */
  readonly unavailable: ReadonlySet<string>;
}

/** The document of `/api` (core group only) or `/apis` (all others) in aggregated form. */
export function aggregatedDiscovery(
  source: DiscoverySource,
  version: 'v2' | 'v2beta1',
  which: 'core' | 'groups',
): JsonObject {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groupsOf(source)
      .filter(({ group }) => (group === '') === (which === 'core'))
      .map(({ group, versions }) => ({
        metadata: group === '' ? {} : { name: group },
        versions: versions.map((served) => ({
          version: served,
          ...resourcesMember(source, group, served),
          freshness: isUnavailable(source, group, served) ? 'Stale' : 'Current',
        })),
      })),
  };
}

/** The document of `/apis` in plain form. */
export function groupList(source: DiscoverySource): JsonObject {
  const groups = groupsOf(source).filter(({ group }) => group !== '');
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groups.map(({ group, versions }) => groupMember(group, versions)),
  };
}

/** The document of `/apis/{group}`; undefined when there is no such group. */
export function groupDocument(source: DiscoverySource, name: string): JsonObject | undefined {
  const found = groupsOf(source).find(({ group }) => group === name && group !== '');
  if (found === undefined) return undefined;
  return { kind: 'APIGroup', apiVersion: 'v1', ...groupMember(name, found.versions) };
}

/** The document of `/api` in plain form. */
export function coreVersions(): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [],
  };
}

/** The document of one group and version; undefined when nothing is served there. */
export function resourceList(
  source: DiscoverySource,
  group: string,
  version: string,
): JsonObject | undefined {
  const types = typesOf(source, group, version);
  if (types.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: apiVersionOf({ group, version }),
    resources: types.flatMap((type) => [
      {
        name: type.resource,
        singularName: type.singular,
        namespaced: type.namespaced,
        kind: type.kind,
        verbs: type.verbs,
        ...namesOf(type),
      },
      ...type.subresources.map((subresource) => ({
        name: `${type.resource}/${subresource}`,
        singularName: '',
        namespaced: type.namespaced,
        ...(subresource === 'scale'
          ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
          : { kind: type.kind }),
        verbs: ['get', 'patch', 'update'],
      })),
    ]),
  };
}

function resourcesMember(source: DiscoverySource, group: string, version: string): JsonObject {
  const types = typesOf(source, group, version);
  if (types.length === 0) return {};
  return {
    resources: types.map((type) => ({
      resource: type.resource,
      responseKind: { group, version, kind: type.kind },
      scope: type.namespaced ? 'Namespaced' : 'Cluster',
      singularResource: type.singular,
      verbs: type.verbs,
      ...namesOf(type),
      ...(type.subresources.length === 0
        ? {}
        : { subresources: type.subresources.map((name) => subresourceMember(type, name)) }),
    })),
  };
}

function subresourceMember(type: ServedResource, subresource: string): JsonObject {
  const responseKind =
    subresource === 'scale'
      ? { group: 'autoscaling', version: 'v1', kind: 'Scale' }
      : { group: type.group, version: type.version, kind: type.kind };
  return { subresource, responseKind, verbs: ['get', 'patch', 'update'] };
}

function namesOf(type: ServedResource): JsonObject {
  return {
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
  };
}

function groupMember(name: string, versions: readonly string[]): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] };
}

/** Groups in the order of first mention, versions newest and stablest first. */
function groupsOf(source: DiscoverySource): { group: string; versions: string[] }[] {
  const versionsByGroup = new Map<string, Set<string>>();
  const announced = [
    ...source.types,
    ...[...source.unavailable].map((groupVersion) => {
      const [group = '', version = ''] = groupVersion.split('/');
      return { group, version };
    }),
  ];
  for (const { group, version } of announced) {
    const versions = versionsByGroup.get(group) ?? new Set();
    versionsByGroup.set(group, versions.add(version));
  }
  return [...versionsByGroup].map(([group, versions]) => ({
    group,
    versions: [...versions].sort(byStability),
  }));
}

/** v2 before v1 before v1beta2 before v1beta1 before v1alpha1. */
function byStability(a: string, b: string): number {
  const rank = (version: string): readonly [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    const stages = ['alpha', 'beta'];
    const stage = match?.[2] === undefined ? 2 : stages.indexOf(match[2]);
    return [stage, Number(match?.[1] ?? 0), Number(match?.[3] ?? 0)];
  };
  const [x, y] = [rank(a), rank(b)];
  return y[0] - x[0] || y[1] - x[1] || y[2] - x[2];
}

function typesOf(source: DiscoverySource, group: string, version: string): ServedResource[] {
  if (isUnavailable(source, group, version)) return [];
  return source.types.filter((type) => type.group === group && type.version === version);
}

function isUnavailable(source: DiscoverySource, group: string, version: string): boolean {
  return source.unavailable.has(apiVersionOf({ group, version }));
}
