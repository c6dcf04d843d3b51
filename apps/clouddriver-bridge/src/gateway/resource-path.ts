/** What a request's path names in a Kubernetes API. Pure. */

/** A resource, an object of it, or a part of an object. */
export interface ResourcePath {
  /** API group, `''` for core. */
  readonly group: string;
  readonly version: string;
  /** Plural resource name. */
  readonly resource: string;
  /** `undefined`: all namespaces, or the resource has none. */
  readonly namespace: string | undefined;
  /** `undefined`: all objects. */
  readonly name: string | undefined;
  /** `log`, `scale`, `proxy/...`; `''`: the object itself. */
  readonly subresource: string;
}

/** Parts of a namespace itself, which is a resource as well (apiserver's `RequestInfo`). */
const namespaceSubresources: ReadonlySet<string> = new Set(['status', 'finalize']);

/** Reads a path without its query; `undefined` for one that names no resource. */
export function readResourcePath(path: string): ResourcePath | undefined {
  const parts = decoded(path.replace(/\/+$/, '').split('/').slice(1));
  if (parts === undefined) return undefined;
  const [root, ...rest] = parts;
  if (root === 'api') return inVersion('', rest);
  if (root !== 'apis') return undefined;
  const [group, ...others] = rest;
  return group === undefined || group === '' ? undefined : inVersion(group, others);
}

function inVersion(group: string, parts: readonly string[]): ResourcePath | undefined {
  const [version, ...rest] = parts;
  if (version === undefined || version === '' || rest.length === 0) return undefined;
  const [first, namespace, third] = rest;
  const isInNamespace =
    first === 'namespaces' && third !== undefined && !namespaceSubresources.has(third);
  const [resource = '', name, ...subresource] = isInNamespace ? rest.slice(2) : rest;
  if (resource === '') return undefined;
  return {
    ...{ group, version, resource, name },
    namespace: isInNamespace ? namespace : undefined,
    subresource: subresource.join('/'),
  };
}

function decoded(parts: readonly string[]): readonly string[] | undefined {
  try {
    return parts.map(decodeURIComponent);
  } catch {
    // Not encoded as a path is: it names nothing.
    return undefined;
  }
}
