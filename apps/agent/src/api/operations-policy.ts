/**
 * Decides whether the agent does what a request asks, by `operations.allow` of the account. Pure. The
 * rules mean what they mean in RBAC (k8s.io/kubernetes, pkg/apis/rbac/v1/evaluation_helpers.go), but
 * concern every client of the gateway, and stand before the cluster's own RBAC.
 */
import { isReadingRequest, type AskedRequest, type RequestInfo } from '@fairlead/api-tunnel';
import type { AddressRule, OperationsConfig, ResourceRule } from '../operations-config.ts';

/** What is asked. */
export type AskedOperation = AskedRequest;

/** The ClusterRole `system:discovery`, without which no client finds its way, and health. */
const discovery: AddressRule = {
  verbs: ['get', 'head', 'options'],
  nonResourceURLs: [
    ...['/api', '/api/*', '/apis', '/apis/*', '/openapi', '/openapi/*'],
    ...['/version', '/version/', '/healthz', '/livez', '/readyz'],
  ],
};

/** Whether the operation is allowed. */
export function isAllowed(asked: AskedOperation, allow: OperationsConfig['allow']): boolean {
  if (allow === 'all') return true;
  if (allow === 'none') return false;
  if (allow === 'read-only') return isReadingRequest(asked);
  const { info } = asked;
  return [...allow, discovery].some((rule) =>
    'nonResourceURLs' in rule ? isOfAddress(info, rule) : isOfResource(info, rule),
  );
}

function isOfResource(info: RequestInfo, rule: ResourceRule): boolean {
  const { resource, subresource, name } = info;
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  return (
    info.isResourceRequest &&
    hasWord(rule.verbs, info.verb) &&
    hasWord(rule.groups, info.apiGroup) &&
    hasWord(rule.namespaces, info.namespace) &&
    (hasWord(rule.resources, combined) ||
      (subresource !== '' && rule.resources.includes(`*/${subresource}`))) &&
    (rule.names === undefined || rule.names.includes(name))
  );
}

function isOfAddress(info: RequestInfo, rule: AddressRule): boolean {
  return (
    !info.isResourceRequest &&
    hasWord(rule.verbs, info.verb) &&
    rule.nonResourceURLs.some((pattern) =>
      pattern.endsWith('*') ? info.path.startsWith(pattern.slice(0, -1)) : pattern === info.path,
    )
  );
}

function hasWord(words: readonly string[], word: string): boolean {
  return words.includes('*') || words.includes(word);
}

/** What the client is told; `account` and the rules are the agent's configuration. */
export function refusalMessage(
  { info }: AskedOperation,
  account: string,
  allow: OperationsConfig['allow'],
): string {
  const { isResourceRequest, verb, apiGroup, resource, subresource, namespace, path } = info;
  const type = [resource, subresource].filter((part) => part !== '').join('/');
  const what = isResourceRequest
    ? `${verb === '' ? 'this' : `to ${verb}`} ${apiGroup === '' ? type : `${type} of ${apiGroup}`}` +
      (namespace === '' ? '' : ` in the namespace ${namespace}`)
    : `to ${verb} ${path}`;
  const rules = typeof allow === 'string' ? allow : `its ${String(allow.length)} rules`;
  return (
    `Fairlead's agent refuses ${what}: its own configuration of the account ${account} ` +
    `(operations.allow: ${rules}) does not allow it, whatever the cluster's RBAC says`
  );
}
