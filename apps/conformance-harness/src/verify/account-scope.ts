// What of a cluster an account is to hold: its declared kinds, resolved against the cluster's own
// discovery, and its restrictions to namespaces and to what Spinnaker deployed.
import { isObject, type JsonObject, type JsonValue, objectAt, textAt } from './exact-json.ts';

/** A resource type as the cluster's discovery gives it. */
export interface ServedType {
  /** 'v1', 'apps/v1', ... the version that the server prefers. */
  readonly apiVersion: string;
  /** API group; '' for the core group. */
  readonly group: string;
  /** Kind. */
  readonly kind: string;
  /** Plural name in paths. */
  readonly resource: string;
  /** True when objects live in namespaces. */
  readonly namespaced: boolean;
}

/** What an account holds of its cluster. */
export interface AccountScope {
  /** The kinds it declares. */
  readonly kinds: readonly string[];
  /** Kinds it leaves out all the same. */
  readonly omitKinds: readonly string[];
  /** Only these namespaces; empty for all. */
  readonly namespaces: readonly string[];
  /** Not these namespaces. */
  readonly omitNamespaces: readonly string[];
  /** No cluster-scoped types. */
  readonly onlyNamespacedResources: boolean;
  /** Only objects that Spinnaker deployed. */
  readonly onlySpinnakerManaged: boolean;
}

/** Groups whose kinds Spinnaker names without a group, beside all those under `k8s.io`. */
const NATIVE_GROUPS = ['', 'apps', 'batch', 'autoscaling', 'policy', 'extensions'];
/** On everything that Spinnaker deploys. */
const MANAGED_ANNOTATION = 'moniker.spinnaker.io/application';
/** Held whoever deployed them. */
const ALWAYS_MANAGED = ['Namespace', 'CustomResourceDefinition'];

/** Reads the scope from an account as the bridge shows it; `kinds` given by hand win. */
export function scopeOfAccount(account: JsonObject, kinds: readonly string[]): AccountScope {
  const properties = objectAt(account, 'properties');
  const declared = [...texts(account.kinds), ...definedKinds(properties)];
  return {
    kinds: kinds.length > 0 ? kinds : declared,
    omitKinds: kinds.length > 0 ? [] : texts(properties.omitKinds),
    namespaces: texts(properties.namespaces),
    omitNamespaces: texts(properties.omitNamespaces),
    onlyNamespacedResources: properties.onlyNamespacedResources === true,
    onlySpinnakerManaged: properties.onlySpinnakerManaged === true,
  };
}

/** The served types that a scope selects; of the same native kind in two groups only the first. */
export function typesInScope(
  served: readonly ServedType[],
  scope: AccountScope,
): readonly ServedType[] {
  const wanted = new Set(scope.kinds.map((kind) => kind.toLowerCase()));
  const omitted = new Set(scope.omitKinds.map((kind) => kind.toLowerCase()));
  const selected = served.filter((type) => {
    const names = namesOfType(type);
    const isWanted = wanted.has('*') || names.some((name) => wanted.has(name));
    const isOmitted = omitted.has('*') || names.some((name) => omitted.has(name));
    return isWanted && !isOmitted && (type.namespaced || !scope.onlyNamespacedResources);
  });
  const native = new Map<string, ServedType>();
  for (const type of [...selected].sort(byGroupRank)) {
    if (isNativeGroup(type.group) && !native.has(type.kind)) native.set(type.kind, type);
  }
  return selected.filter((type) => !isNativeGroup(type.group) || native.get(type.kind) === type);
}

/** True when an object of a selected type is one that the account holds. */
export function isInScope(type: ServedType, object: JsonObject, scope: AccountScope): boolean {
  const metadata = objectAt(object, 'metadata');
  const isNamespace = type.kind === 'Namespace' && type.group === '';
  const namespace = textAt(metadata, isNamespace ? 'name' : 'namespace');
  if (namespace !== '' && scope.omitNamespaces.includes(namespace)) return false;
  if (namespace !== '' && scope.namespaces.length > 0 && !scope.namespaces.includes(namespace)) {
    return false;
  }
  if (!scope.onlySpinnakerManaged || ALWAYS_MANAGED.includes(type.kind)) return true;
  // Two quotes are how old versions of Spinnaker wrote an empty name.
  return !['', '""'].includes(textAt(objectAt(metadata, 'annotations'), MANAGED_ANNOTATION));
}

/** How the bridge names a type: `replicaset`, `crontab.stable.example.com`; in lower case. */
export function storedKindOf(type: Pick<ServedType, 'group' | 'kind'>): string {
  const kind = type.kind.toLowerCase();
  return isNativeGroup(type.group) ? kind : `${kind}.${type.group.toLowerCase()}`;
}

function isNativeGroup(group: string): boolean {
  return NATIVE_GROUPS.includes(group) || group.endsWith('.k8s.io');
}

/** Every name under which a type can be declared, in lower case. */
function namesOfType(type: ServedType): readonly string[] {
  const kind = type.kind.toLowerCase();
  const withGroup = `${kind}.${type.group.toLowerCase()}`;
  if (type.group === '') return [kind];
  return isNativeGroup(type.group) ? [kind, withGroup] : [withGroup];
}

function byGroupRank(a: ServedType, b: ServedType): number {
  const rank = ({ group }: ServedType): number => {
    if (group === 'extensions') return NATIVE_GROUPS.length + 1;
    const index = NATIVE_GROUPS.indexOf(group);
    return index < 0 ? NATIVE_GROUPS.length : index;
  };
  return rank(a) - rank(b) || (a.group < b.group ? -1 : 1);
}

function definedKinds(properties: JsonObject): readonly string[] {
  const definitions = properties.customResourceDefinitions;
  if (!Array.isArray(definitions)) return [];
  return (definitions as JsonValue[]).flatMap((definition) =>
    isObject(definition) ? texts([definition.kind ?? null]) : [],
  );
}

function texts(value: JsonValue | undefined): readonly string[] {
  if (!Array.isArray(value)) return [];
  return (value as JsonValue[]).filter((item) => typeof item === 'string');
}
