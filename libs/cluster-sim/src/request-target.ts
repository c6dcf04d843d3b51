// What a request is about, read from its method and path as the real server reads them.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris

/** The Kubernetes verbs. */
export type Verb =
  'create' | 'delete' | 'deletecollection' | 'get' | 'list' | 'patch' | 'update' | 'watch';

/** A request for resources. */
export interface ResourceTarget {
  readonly kind: 'resource';
  /** What is to be done. */
  readonly verb: Verb;
  /** API group; '' for the core group. */
  readonly group: string;
  /** API version. */
  readonly version: string;
  /** Plural name. */
  readonly resource: string;
  /** '' for all namespaces or a cluster-scoped type. */
  readonly namespace: string;
  /** '' for a collection. */
  readonly name: string;
  /** 'status', 'scale', ... or ''. */
  readonly subresource: string;
}

/** What a request is about. */
export type RequestTarget =
  | ResourceTarget
  /** Something else of the API server's: `/version`, `/openapi/v3`. */
  | { readonly kind: 'other'; readonly path: string };

/** Reads a request's method, path (without query) and query. */
export function parseTarget(method: string, path: string, query: URLSearchParams): RequestTarget {
  const other = { kind: 'other', path } as const;
  const steps = path.split('/').filter((step) => step !== '');
  const depth = steps[0] === 'api' ? 2 : steps[0] === 'apis' ? 3 : undefined;
  if (depth === undefined || steps.length <= depth) return other;
  const [group, version] = depth === 2 ? ['', steps[1]] : [steps[1], steps[2]];
  const place = placeOf(steps.slice(depth).map(decodeStep));
  const verb = verbOf(method, place.name, query);
  if (verb === undefined || group === undefined || version === undefined) return other;
  return { kind: 'resource', verb, group, version, ...place };
}

function placeOf(
  steps: readonly string[],
): Pick<ResourceTarget, 'namespace' | 'resource' | 'name' | 'subresource'> {
  // /namespaces/x/status is about the namespace x; /namespaces/x/pods about pods in it.
  const isNamespaced =
    steps[0] === 'namespaces' &&
    steps.length > 2 &&
    !['status', 'finalize'].includes(steps[2] ?? '');
  const [resource = '', name = '', ...subresource] = isNamespaced ? steps.slice(2) : steps;
  const namespace = isNamespaced ? (steps[1] ?? '') : '';
  return { namespace, resource, name, subresource: subresource.join('/') };
}

function verbOf(method: string, name: string, query: URLSearchParams): Verb | undefined {
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isTrue(query.get('watch'))) return 'watch';
      return name === '' ? 'list' : 'get';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === '' ? 'deletecollection' : 'delete';
    default:
      return undefined;
  }
}

/** Reads a query flag as the real server does: anything but '', '0' and 'false' is true. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== '' && value !== '0' && value !== 'false';
}

function decodeStep(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step; // A stray percent sign names nothing that exists: 404 follows.
  }
}
