/** Whether a request only looks, or may change something: what `access: read` clients may send. */

/** What matters of a request. */
export interface VerbRequest {
  readonly method: string;
  /** Path and query at the API server. */
  readonly target: string;
  readonly upgrade: string;
}

const reading = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Paths whose POST asks only, and stores nothing: `kubectl auth can-i` and `whoami`. */
const asking =
  /^\/apis\/(authorization\.k8s\.io\/v1\/selfsubject(access|rules)reviews|authentication\.k8s\.io\/v1\/selfsubjectreviews)$/;

/** Subresources that run something or speak with something in the cluster, by GET also. */
const connecting = /\/(exec|attach|portforward|proxy)(\/|$)/;

/** `read` if the request changes nothing and starts nothing. */
export function verbOf({ method, target, upgrade }: VerbRequest): 'read' | 'write' {
  const path = target.replace(/\?.*$/s, '');
  if (upgrade !== '') return 'write';
  if (method === 'POST' && asking.test(path)) return 'read';
  if (!reading.has(method)) return 'write';
  return connecting.test(path) || hasEscapes(path) ? 'write' : 'read';
}

/** An escaped letter could hide a subresource's name; names of Kubernetes objects need none. */
function hasEscapes(path: string): boolean {
  return /%[2-7][0-9a-f]/i.test(path);
}
