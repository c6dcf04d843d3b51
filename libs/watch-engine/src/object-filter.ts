/**
 * Which objects of an account leave the cluster: not those in omitted namespaces, and with
 * `onlySpinnakerManaged` only those that Spinnaker deployed.
 */
import type { ScannedObject } from '@fairlead/secret-scrubber';

/** Annotation that Spinnaker puts on what it deploys. */
export const MANAGED_ANNOTATION = 'moniker.spinnaker.io/application';

/** Annotation with which an object asks not to be cached; its consumers leave it out. */
export const IGNORED_ANNOTATION = 'caching.spinnaker.io/ignore';

/**
 * - `send`: goes out.
 * - `drop`: never went out and never will; nothing is said of it.
 * - `withdraw`: does not go out, but an earlier state of it may have.
 */
export type FilterVerdict = 'send' | 'drop' | 'withdraw';

/** Judges an object. */
export type ObjectFilter = (
  object: Pick<ScannedObject, 'kind' | 'namespace' | 'name' | 'annotations'>,
) => FilterVerdict;

/** What {@link objectFilter} goes by. */
export interface ObjectFilterOptions {
  /** Namespaces whose objects go out; empty = all. Cluster-scoped ones go out but for other namespaces. */
  readonly namespaces: readonly string[];
  /** Namespaces whose objects stay, also when `namespaces` names them. */
  readonly omitNamespaces: readonly string[];
  /** Whether only objects with {@link MANAGED_ANNOTATION} go out. */
  readonly onlySpinnakerManaged: boolean;
}

/** Clouddriver needs these to show anything, and nobody's Spinnaker annotates them. */
const ALWAYS_MANAGED: ReadonlySet<string> = new Set(['Namespace', 'CustomResourceDefinition']);

/** Makes the filter of one account. */
export function objectFilter(options: ObjectFilterOptions): ObjectFilter {
  const wanted = new Set(options.namespaces);
  const omitted = new Set(options.omitNamespaces);
  // Most accounts leave nothing out; then nothing of an object need be read for it.
  if (wanted.size + omitted.size === 0 && !options.onlySpinnakerManaged) return () => 'send';
  return (object) => {
    const isNamespace = object.kind === 'Namespace' && object.namespace === '';
    const namespace = isNamespace ? object.name : object.namespace;
    if (namespace !== '' && omitted.has(namespace)) return 'drop';
    if (namespace !== '' && wanted.size > 0 && !wanted.has(namespace)) return 'drop';
    if (!options.onlySpinnakerManaged || ALWAYS_MANAGED.has(object.kind)) return 'send';
    return isManaged(object.annotations.get(MANAGED_ANNOTATION)) ? 'send' : 'withdraw';
  };
}

/** Old versions of Spinnaker wrote JSON strings: two quotes name no application either. */
function isManaged(application: string | undefined): boolean {
  return application !== undefined && application !== '' && application !== '""';
}
