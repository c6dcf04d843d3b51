/**
 * What a request asks of a Kubernetes API server, read from its method and target exactly as
 * `RequestInfoFactory.NewRequestInfo` of k8s.io/apiserver does it (endpoints/request/requestinfo.go),
 * on whose answer the server's own authorization rests. What a server, or something on the way to it,
 * could read in another way is no request here: see {@link RequestReading}.
 */
import { listOptionsOf } from './list-options.ts';
import { checkedPath } from './request-path.ts';

/** As `RequestInfo` of k8s.io/apiserver. */
export interface RequestInfo {
  /** Whether it is about objects; else about an address such as `/version`. */
  readonly isResourceRequest: boolean;
  /** Decoded, without the query. */
  readonly path: string;
  /**
   * `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`, of the old form
   * `/api/v1/proxy/...` `proxy`, '' for another method; of other addresses the method in small letters.
   */
  readonly verb: string;
  /** '' for the core group. */
  readonly apiGroup: string;
  /** Such as `v1`. */
  readonly apiVersion: string;
  /** '' for none. */
  readonly namespace: string;
  /** Plural, such as `pods`. */
  readonly resource: string;
  /** Such as `exec`; '' for none. */
  readonly subresource: string;
  /** '' for none; of a list with the field selector `metadata.name=x`, x. */
  readonly name: string;
}

/** What a request says, or why nobody can be sure of it. */
export type RequestReading =
  /** It can be read in one way only. */
  | { readonly kind: 'read'; readonly info: RequestInfo }
  /** Not to be sent. `reason` is for people and quotes nothing of the request. */
  | { readonly kind: 'ambiguous'; readonly reason: string };

/** Verbs that stand in the path, in forms that were deprecated long ago. */
const specialVerbs = new Set(['proxy', 'watch']);
/** What may follow the name of a namespace and is no resource in it. */
const namespaceSubresources = new Set(['status', 'finalize']);

const verbs: Readonly<Record<string, string>> = {
  ...{ POST: 'create', GET: 'get', HEAD: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' },
};

/** Reads a request. Pure and total. */
export function readRequestInfo({
  method,
  target,
}: {
  readonly method: string;
  readonly target: string;
}): RequestReading {
  if (!/^[A-Z]+$/.test(method)) return ambiguous('its method is none');
  const [rawPath = '', ...rest] = target.split('?');
  const path = checkedPath(rawPath);
  if (path.kind === 'wrong') return ambiguous(path.reason);
  const parts = splitPath(path.path);
  const address: RequestInfo = {
    ...{ isResourceRequest: false, path: path.path, verb: method.toLowerCase() },
    ...{ apiGroup: '', apiVersion: '', namespace: '', resource: '', subresource: '', name: '' },
  };
  const isGroupless = parts[0] === 'api';
  if (parts.length < (isGroupless ? 3 : 4) || (!isGroupless && parts[0] !== 'apis')) {
    return path.isOpaque ? ambiguous(opaqueReason) : { kind: 'read', info: address };
  }
  const [apiGroup = '', apiVersion = '', ...inGroup] = isGroupless
    ? ['', ...parts.slice(1)]
    : parts.slice(1);
  const isSpecial = specialVerbs.has(inGroup[0] ?? '');
  if (isSpecial && inGroup.length < 2) return ambiguous('its path names no resource');
  const verb = isSpecial ? (inGroup[0] ?? '') : (verbs[method] ?? '');
  const located = locate(isSpecial ? inGroup.slice(1) : inGroup, verb);
  const isProxied = located.subresource === 'proxy' || verb === 'proxy';
  if (path.isOpaque && !(isProxied && isPlainToProxy(rawPath))) return ambiguous(opaqueReason);
  const info = { ...address, isResourceRequest: true, apiGroup, apiVersion, verb, ...located };
  return { kind: 'read', info: withQuery(info, rest.join('?')) };
}

const opaqueReason = 'its path has empty segments or encoded slashes';

/** What stands behind `proxy` is for somebody else to read. */
function isPlainToProxy(rawPath: string): boolean {
  const head = /^.*?\/proxy(?=\/|$)/.exec(rawPath)?.[0];
  return head !== undefined && !/\/\/|%2f/i.test(head);
}

type Located = Pick<RequestInfo, 'namespace' | 'resource' | 'subresource' | 'name'>;

/** Parts look like `namespaces/NS/resource/name/subresource/and/what/follows`. */
function locate(parts: readonly string[], verb: string): Located {
  const isNamespaced = parts[0] === 'namespaces';
  const namespace = isNamespaced ? (parts[1] ?? '') : '';
  const isInside = isNamespaced && parts.length > 2 && !namespaceSubresources.has(parts[2] ?? '');
  const [resource = '', name = '', subresource = ''] = isInside ? parts.slice(2) : parts;
  return { namespace, resource, name, subresource: verb === 'proxy' ? '' : subresource };
}

/** Without a name, `get` is `list` or `watch`, and `delete` is of a whole collection. */
function withQuery(info: RequestInfo, query: string): RequestInfo {
  if (info.name !== '') return info;
  if (info.verb === 'delete') return { ...info, verb: 'deletecollection' };
  if (info.verb !== 'get') return info;
  const { watch, name } = listOptionsOf(query);
  return { ...info, verb: watch ? 'watch' : 'list', name };
}

function splitPath(path: string): readonly string[] {
  const trimmed = path.replace(/^\/+|\/+$/g, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

function ambiguous(reason: string): RequestReading {
  return { kind: 'ambiguous', reason };
}
