/** Which object a request changes, and whether its answer shows it. Pure. */
import { type ApiRequest } from '@fairlead/api-tunnel';
import { readResourcePath } from './resource-path.ts';

/** A request that changes one object. */
export interface ObjectWrite {
  readonly method: string;
  /** API group, `''` for core. */
  readonly group: string;
  readonly version: string;
  /** Plural resource name. */
  readonly resource: string;
  /** `''` for a cluster-scoped object. */
  readonly namespace: string;
  /** `''` if only the answer tells. */
  readonly name: string;
  /** The answer is the object as it is now, if it is one and in plain JSON. */
  readonly isAnswered: boolean;
}

/** Subresources that change the object, and answer something else. */
const changing: ReadonlySet<string> = new Set([
  ...['scale', 'eviction', 'binding', 'ephemeralcontainers', 'resize', 'finalize', 'approval'],
]);

/** Reads a request; `undefined` if it changes no single object. */
export function objectWriteOf(
  request: Pick<ApiRequest, 'method' | 'target'>,
): ObjectWrite | undefined {
  const { method } = request;
  const [path = '', query = ''] = request.target.split('?', 2);
  const isWrite = ['POST', 'PUT', 'PATCH', 'DELETE'].includes(method);
  if (!isWrite || new URLSearchParams(query).has('dryRun')) return undefined;
  const read = readResourcePath(path);
  if (read === undefined) return undefined;
  const { group, version, resource, namespace = '', name = '', subresource } = read;
  const isObject = subresource === '';
  // Objects are created at the collection; whole collections are deleted there.
  if (isObject && (name === '') !== (method === 'POST')) return undefined;
  if (!isObject && subresource !== 'status' && !changing.has(subresource)) return undefined;
  const isAnswered = method !== 'DELETE' && (isObject || subresource === 'status');
  return { method, group, version, resource, namespace, name, isAnswered };
}
