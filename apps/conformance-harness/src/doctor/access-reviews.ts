// Which questions about rights an account raises: what its feeds read, and what Spinnaker does.
import { type ResourceType } from '@fairlead/watch-engine';

/** One question, as `SelfSubjectAccessReview` asks it. */
export interface AccessReview {
  readonly group: string;
  readonly resource: string;
  /** '' for all namespaces, or none. */
  readonly namespace: string;
  readonly verb: string;
  /** '' unless it is about a part such as `log`. */
  readonly subresource: string;
}

/** Its answer. */
export interface AnsweredReview extends AccessReview {
  readonly isAllowed: boolean;
}

/** What of a type a question names. */
export type ReviewedType = Pick<ResourceType, 'group' | 'resource' | 'namespaced'>;

/** Feeds list and watch each type, in each namespace of a restricted account. */
export function reviewsOfFeeds(
  types: readonly ReviewedType[],
  namespaces: readonly string[],
): readonly AccessReview[] {
  return types.flatMap(({ group, resource, namespaced }) =>
    (namespaced && namespaces.length > 0 ? namespaces : ['']).flatMap((namespace) =>
      ['list', 'watch'].map((verb) => ({ group, resource, namespace, verb, subresource: '' })),
    ),
  );
}

/** What Spinnaker's stages deploy as a rule; the handlers of Clouddriver's Kubernetes provider. */
const deployed: readonly (readonly [group: string, resource: string])[] = [
  ['apps', 'deployments'],
  ['apps', 'replicasets'],
  ['apps', 'statefulsets'],
  ['apps', 'daemonsets'],
  ['batch', 'jobs'],
  ['', 'services'],
  ['networking.k8s.io', 'ingresses'],
  ['', 'configmaps'],
  ['', 'secrets'],
  ['', 'pods'],
];

/** What requests of the gateway need, by what the account lets through. */
export function reviewsOfOperations(
  allow: 'all' | 'read-only',
  namespaces: readonly string[],
): readonly AccessReview[] {
  const verbs = allow === 'all' ? ['get', 'create', 'patch', 'delete'] : ['get'];
  const places = namespaces.length > 0 ? namespaces : [''];
  return places.flatMap((namespace) => [
    ...deployed.flatMap(([group, resource]) =>
      verbs.map((verb) => ({ group, resource, namespace, verb, subresource: '' })),
    ),
    { group: '', resource: 'pods', namespace, verb: 'get', subresource: 'log' },
  ]);
}

/** `deployments.apps`, `pods/log`. */
export function nameOfResource({
  group,
  resource,
  subresource = '',
}: Pick<AccessReview, 'group' | 'resource'> & { readonly subresource?: string }): string {
  const part = subresource === '' ? '' : `/${subresource}`;
  return group === '' ? `${resource}${part}` : `${resource}.${group}${part}`;
}
