/**
 * Whether a request only looks: what clients with read access may send through a bridge, and what an
 * agent does whose account is `read-only`. Pure.
 */
import type { RequestInfo } from './request-info.ts';

/** What is asked. */
export interface AskedRequest {
  /** What {@link readRequestInfo} read of it. */
  readonly info: RequestInfo;
  /** As in the request line. */
  readonly method: string;
  /** Whether the connection is to be switched to another protocol. */
  readonly isUpgrade: boolean;
}

const readVerbs = new Set(['get', 'list', 'watch']);
const readMethods = new Set(['GET', 'HEAD', 'OPTIONS']);
/** They run something, or lead to somebody who does, also by GET. */
const executing = new Set(['exec', 'attach', 'portforward', 'proxy']);
/** What a client creates to learn about itself; nothing is stored. */
const questions = new Set([
  'authorization.k8s.io/selfsubjectaccessreviews',
  'authorization.k8s.io/selfsubjectrulesreviews',
  'authentication.k8s.io/selfsubjectreviews',
]);

/** Changes nothing, and runs nothing: a watch may be carried by a WebSocket, and a log followed. */
export function isReadingRequest({ info, method, isUpgrade }: AskedRequest): boolean {
  const { isResourceRequest, verb, apiGroup, resource, subresource } = info;
  if (!isResourceRequest) return readMethods.has(method) && !isUpgrade;
  if (verb === 'create') {
    return questions.has(`${apiGroup}/${resource}`) && subresource === '' && !isUpgrade;
  }
  if (executing.has(subresource) || verb === 'proxy') return false;
  if (isUpgrade && verb !== 'watch' && subresource !== 'log') return false;
  return readMethods.has(method) && (readVerbs.has(verb) || verb === '');
}
