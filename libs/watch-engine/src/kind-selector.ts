/**
 * Which resource types an account follows, from kinds in the spelling of Spinnaker's and Armory's
 * configuration: `replicaSet`, `deployment.apps`, `crontab.stable.example.com`, `*`; case does not
 * matter. A kind without a group means the native groups.
 */
import type { ResourceType } from './resource-type.ts';
import type { ResolvedWatchOptions } from './watch-options.ts';

/** Followed when nothing is configured: what Clouddriver caches by default, namespaces and CRDs. */
export const DEFAULT_KINDS: readonly string[] = Object.freeze([
  'deployment',
  'replicaSet',
  'statefulSet',
  'daemonSet',
  'job',
  'cronJob',
  'pod',
  'service',
  'ingress',
  'networkPolicy',
  'namespace',
  'customResourceDefinition',
]);

/** What of the options selects types. */
export type KindSelection = Pick<
  ResolvedWatchOptions,
  'kinds' | 'omitKinds' | 'customResourceDefinitions' | 'onlyNamespacedResources'
>;

/** The outcome of a selection. */
export interface SelectedTypes {
  /** Served types that are wanted, each in one version. */
  readonly types: readonly ResourceType[];
  /** Configured kinds that are not served, as configured; not `*` nor defaults. */
  readonly unknownKinds: readonly string[];
}

/** Groups whose kinds Spinnaker names without a group; also everything under `k8s.io`. */
const NATIVE_GROUPS: readonly string[] = [
  '',
  'apps',
  'batch',
  'autoscaling',
  'policy',
  'networking.k8s.io',
];
/** Served the workloads before their groups had names of their own; always the last resort. */
const OLD_GROUP = 'extensions';

/** Selects from what is served. */
export function selectTypes(
  served: readonly ResourceType[],
  selection: KindSelection,
): SelectedTypes {
  const isWanted = kindMatcher(selection);
  const wanted = served.filter(
    (type) => isWanted(type) && (type.namespaced || !selection.onlyNamespacedResources),
  );
  return { types: oneFeedPerNativeKind(wanted), unknownKinds: unknownKinds(served, selection) };
}

/** Whether a kind of a group is configured at all, served or not. */
export function kindMatcher(
  selection: KindSelection,
): (type: Pick<ResourceType, 'group' | 'kind'>) => boolean {
  const wanted = namesOf(selection.kinds.length === 0 ? DEFAULT_KINDS : selection.kinds);
  for (const { kind } of selection.customResourceDefinitions) wanted.add(kind.toLowerCase());
  const omitted = namesOf(selection.omitKinds);
  return (type) => {
    const names = namesOfType(type);
    return (
      (wanted.has('*') || names.some((name) => wanted.has(name))) &&
      !omitted.has('*') &&
      !names.some((name) => omitted.has(name))
    );
  };
}

/** The kind in Spinnaker's spelling: `replicaSet`, and with its group unless that is native. */
export function spinnakerKindOf(type: Pick<ResourceType, 'group' | 'kind'>): string {
  if (!isNativeGroup(type.group)) return `${type.kind}.${type.group}`;
  return type.kind.charAt(0).toLowerCase() + type.kind.slice(1);
}

/** Whether kinds of this group go by without it. */
export function isNativeGroup(group: string): boolean {
  return NATIVE_GROUPS.includes(group) || group === OLD_GROUP || group.endsWith('.k8s.io');
}

function namesOf(kinds: readonly string[]): Set<string> {
  return new Set(kinds.map((kind) => kind.toLowerCase()));
}

/** Every spelling under which a type can be configured, in lower case. */
export function namesOfType(type: Pick<ResourceType, 'group' | 'kind'>): readonly string[] {
  const kind = type.kind.toLowerCase();
  const withGroup = `${kind}.${type.group.toLowerCase()}`;
  if (!isNativeGroup(type.group)) return [withGroup];
  return type.group === '' ? [kind] : [kind, withGroup];
}

/** `ingress` of `extensions` and of `networking.k8s.io` are the same objects: one feed is enough. */
function oneFeedPerNativeKind(types: readonly ResourceType[]): readonly ResourceType[] {
  const best = new Map<string, ResourceType>();
  const custom: ResourceType[] = [];
  for (const type of types) {
    if (!isNativeGroup(type.group)) {
      custom.push(type);
      continue;
    }
    const known = best.get(type.kind);
    if (known === undefined || rankOf(type.group) < rankOf(known.group)) best.set(type.kind, type);
  }
  return [...best.values(), ...custom];
}

/** Smaller is better; groups under `k8s.io` beside the named ones by their name. */
function rankOf(group: string): string {
  const index = NATIVE_GROUPS.indexOf(group);
  if (index >= 0) return `0${index}`;
  return group === OLD_GROUP ? '2' : `1${group}`;
}

function unknownKinds(
  served: readonly ResourceType[],
  selection: KindSelection,
): readonly string[] {
  const known = new Set(served.flatMap(namesOfType));
  const configured = [
    ...selection.kinds,
    ...selection.customResourceDefinitions.map(({ kind }) => kind),
  ];
  return configured.filter((kind) => kind !== '*' && !known.has(kind.toLowerCase()));
}
