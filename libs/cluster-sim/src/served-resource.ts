// One resource type that a simulated API server serves under one group and version, and the bytes
// that stand around its objects in lists and watches.

/** A resource type at one group and version. */
export interface ServedResource {
  /** API group; '' for the core group. */
  readonly group: string;
  /** API version, such as 'v1'. */
  readonly version: string;
  /** Plural name, as in paths. */
  readonly resource: string;
  /** Kind of one object. */
  readonly kind: string;
  /** Singular name. */
  readonly singular: string;
  /** True when objects live in namespaces. */
  readonly namespaced: boolean;
  /** Names that kubectl knows besides, such as 'po'. */
  readonly shortNames: readonly string[];
  /** Groups of types that kubectl knows, such as 'all'. */
  readonly categories: readonly string[];
  /** What may be done with it. */
  readonly verbs: readonly string[];
  /** 'status' and 'scale' where served. */
  readonly subresources: readonly string[];
  /** True for types that a CustomResourceDefinition brought. */
  readonly isCustom: boolean;
  /** Columns that a CustomResourceDefinition asks kubectl to print. */
  readonly printerColumns: readonly PrinterColumn[];
}

/** A column of `kubectl get` for a custom resource. */
export interface PrinterColumn {
  /** Heading. */
  readonly name: string;
  /** JSON path from the object, such as '.spec.replicas'. */
  readonly jsonPath: string;
  /** 'string', 'integer', 'date', ... */
  readonly type: string;
}

/** What every ordinary resource offers. */
export const ordinaryVerbs: readonly string[] = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

/** 'v1' for the core group, else 'group/version'. */
export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Splits 'apps/v1' into group and version; 'v1' is the core group's. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** Name of a store: the same for all versions of a type, such as 'pods' or 'deployments.apps'. */
export function storeNameOf(type: { readonly group: string; readonly resource: string }): string {
  return type.group === '' ? type.resource : `${type.resource}.${type.group}`;
}

/**
 * The bytes before an object's tail (see `StoredObject.tail`) when it stands alone or in a watch
 * event. Built-in types are printed from Go structs (kind first), custom ones from maps in key
 * order (apiVersion first).
 */
export function objectPrefix(type: ServedResource): string {
  const apiVersion = JSON.stringify(apiVersionOf(type));
  const kind = JSON.stringify(type.kind);
  return type.isCustom
    ? `{"apiVersion":${apiVersion},"kind":${kind},`
    : `{"kind":${kind},"apiVersion":${apiVersion},`;
}

/** The bytes before an object's tail in a list: items of built-in types carry no kind. */
export function listItemPrefix(type: ServedResource): string {
  return type.isCustom ? objectPrefix(type) : '{';
}
