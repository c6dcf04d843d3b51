/**
 * As whom the user of a kubeconfig acts (`as`, `as-uid`, `as-groups`, `as-user-extra`), as headers:
 * https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
import { ClusterClientError } from './cluster-client-error.ts';
import type { KubeconfigSection } from './kubeconfig-document.ts';

/**
 * The headers; values of one that is repeated are joined with a line feed. Throws `config` where groups
 * are given without a user, which an API server refuses.
 */
export function impersonationHeaders(user: KubeconfigSection): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const groups = textsIn(user['as-groups']);
  if (groups.length > 0) headers['impersonate-group'] = groups.join('\n');
  const uid = textsIn(user['as-uid'])[0];
  if (uid !== undefined) headers['impersonate-uid'] = uid;
  for (const [key, values] of Object.entries(extrasOf(user['as-user-extra']))) {
    const name = `impersonate-extra-${encodeURIComponent(key).toLowerCase()}`;
    headers[name] = textsIn(values).join('\n');
  }
  const name = textsIn(user.as)[0];
  if (name !== undefined) return { 'impersonate-user': name, ...headers };
  if (Object.keys(headers).length === 0) return headers;
  throw new ClusterClientError(
    'config',
    'the kubeconfig user impersonates groups, a uid or extras without a user (as)',
  );
}

/**
 * The lines of a header: those of groups and extras stand in one string with line feeds between, since a
 * comma may be part of a name. API servers read each line as one group or value and look for no commas
 * in it (k8s.io/apiserver, filters/impersonation.go).
 */
export function linesOf(name: string, value: string): string | string[] {
  const isRepeated = name === 'impersonate-group' || name.startsWith('impersonate-extra-');
  return isRepeated && value.includes('\n') ? value.split('\n') : value;
}

/** Strings, of one or a list; none that is empty, or would be two lines. */
function textsIn(value: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter(
    (text): text is string => typeof text === 'string' && text !== '' && !/[\r\n]/.test(text),
  );
}

function extrasOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
