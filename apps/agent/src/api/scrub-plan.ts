/**
 * Decides what is done to the answer of a request so that no secret value leaves: pure. The values of
 * Secrets never do, unless the account's own configuration lets them (`operations.secrets`); nor what
 * `scrubbing.redact` names, as in the feeds. What is only pruned there is no secret, and stays.
 */
import type { ApiHeaders, RequestInfo } from '@fairlead/api-tunnel';
import type { AnswerFilterOptions } from '@fairlead/secret-scrubber';
import type { OperationsConfig } from '../operations-config.ts';
import { jsonAccept } from './accept-header.ts';

/** What is to be done. */
export type ScrubPlan =
  /** Nothing: the answer can hold nothing secret. */
  | { readonly kind: 'pass' }
  /** Not asked for: the answer would have a form that cannot be looked into. */
  | { readonly kind: 'refuse'; readonly message: string }
  /** The answer is filtered, and asked for in a form that can be. */
  | {
      readonly kind: 'filter';
      readonly headers: ApiHeaders;
      readonly filter: AnswerFilterOptions;
    };

/** What a request is about. */
export interface ScrubbedRequest {
  readonly info: RequestInfo;
  readonly headers: ApiHeaders;
  readonly isUpgrade: boolean;
  /** Kind of its resource and the paths that are redacted in it; none for Secrets. */
  readonly redacted: { readonly kind: string; readonly paths: readonly string[] } | undefined;
}

/** Subresources whose answers are no objects: text, or connections to somebody else. */
const opaque = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

/** Whether a request is about core Secrets, in whichever form. */
export function isAboutSecrets({ isResourceRequest, apiGroup, resource }: RequestInfo): boolean {
  return isResourceRequest && apiGroup === '' && resource === 'secrets';
}

/** Whether the account lets the values of these Secrets pass. */
export function mayPassSecrets(info: RequestInfo, secrets: OperationsConfig['secrets']): boolean {
  if (typeof secrets === 'string') return secrets === 'pass';
  return secrets.some(
    ({ namespaces, names }) =>
      (namespaces.includes('*') || namespaces.includes(info.namespace)) &&
      (names === undefined || (info.name !== '' && names.includes(info.name))),
  );
}

/** The plan for a request. */
export function planScrubbing(
  request: ScrubbedRequest,
  secrets: OperationsConfig['secrets'],
): ScrubPlan {
  const { info, redacted } = request;
  const paths = redacted?.paths ?? [];
  if (isAboutSecrets(info) && !mayPassSecrets(info, secrets)) {
    return filtered(request, { objects: 'secrets', kind: 'Secret', redact: paths });
  }
  if (redacted === undefined || paths.length === 0 || opaque.has(info.subresource)) {
    return { kind: 'pass' };
  }
  return filtered(request, { objects: 'others', kind: redacted.kind, redact: paths });
}

function filtered(
  { info, headers, isUpgrade }: ScrubbedRequest,
  subject: Omit<AnswerFilterOptions, 'shape'>,
): ScrubPlan {
  const isSecret = subject.objects === 'secrets';
  const what = isSecret ? 'Secrets' : info.resource;
  // kube-apiserver serves watches over WebSocket, too: frames that nobody here looks into.
  if (isUpgrade) return refuse(`${what} are not read over an upgraded connection`);
  // Cells of a Table may show what is redacted; of Secrets the columns are known.
  const accept = jsonAccept(headers.accept, isSecret ? 'all' : 'noTable');
  if (accept === undefined) {
    return refuse(`${what} are answered as JSON alone, since their values are taken out of it`);
  }
  return {
    kind: 'filter',
    headers: { ...headers, accept, 'accept-encoding': 'identity' },
    filter: { ...subject, shape: shapeOf(info.verb) },
  };
}

function refuse(message: string): ScrubPlan {
  return { kind: 'refuse', message };
}

function shapeOf(verb: string): AnswerFilterOptions['shape'] {
  if (verb === 'watch') return 'events';
  return verb === 'list' || verb === 'deletecollection' ? 'list' : 'document';
}
