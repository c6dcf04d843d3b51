/**
 * Which requests ask what an API server offers (discovery and OpenAPI), and which of them have the
 * same answer. Pure.
 */
import { noBody, type ApiHeaders, type ApiRequest } from '@fairlead/api-tunnel';

/** A request whose answer may be kept for others. */
export interface DiscoveryRequest {
  /** Equal for requests that have the same answer. */
  readonly key: string;
  /** What to send to the cluster for it: without what differs from client to client. */
  readonly target: string;
  /** What to send to the cluster for it. */
  readonly headers: ApiHeaders;
  /** The address names its content by a hash: it never has another one. */
  readonly isImmutable: boolean;
}

/** Discovery and OpenAPI as kube-apiserver serves them; a group's name is a DNS name. */
const paths = [
  /^\/api(?:\/v1)?$/,
  /^\/apis(?:\/[a-z0-9.-]+(?:\/[a-z0-9]+)?)?$/,
  /^\/version$/,
  /^\/openapi\/(?:v2|v3)$/,
  /^\/openapi\/v3\/[a-z0-9./-]+$/,
];

/** What clients add that does not change the answer: client-go sends `timeout` with discovery. */
const ignoredParameters: ReadonlySet<string> = new Set(['timeout', 'fairlead']);

/** Longer `Accept` headers are nobody's who only wants to know what there is. */
const maxAcceptChars = 1024;

/**
 * The request as one of discovery; `undefined` when it is none, or when the answer may depend on who
 * asks: requests in another's name are answered by the cluster alone.
 */
export function discoveryRequestOf(request: ApiRequest): DiscoveryRequest | undefined {
  const { method, target, headers, upgrade } = request;
  if (method !== 'GET' || upgrade !== '' || !hasNoBody(request)) return undefined;
  if (Object.keys(headers).some((name) => name.startsWith('impersonate-'))) return undefined;
  // Letters stay as they are: API servers take `as=APIGroupDiscoveryList` in this spelling alone.
  const accept = (headers.accept ?? '*/*').replace(/\s+/g, '');
  const address = addressOf(target);
  if (address === undefined || accept.length > maxAcceptChars) return undefined;
  const encoding = takesGzip(headers['accept-encoding'] ?? '') ? 'gzip' : 'identity';
  return {
    key: `${address.target}\n${accept}\n${encoding}`,
    target: address.target,
    headers: { accept, 'accept-encoding': encoding, ...agentOf(headers) },
    isImmutable: address.isImmutable,
  };
}

/** Whether a client that has sent `If-None-Match` has the answer of this `etag` already. */
export function hasAlready(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined || etag === '') return false;
  const weak = (tag: string): string => tag.trim().replace(/^W\//, '');
  // RFC 9110, 13.1.2: the comparison is the weak one.
  return ifNoneMatch.split(',').some((tag) => weak(tag) === '*' || weak(tag) === weak(etag));
}

function addressOf(
  target: string,
): { readonly target: string; readonly isImmutable: boolean } | undefined {
  const [path = '', query = ''] = target.split(/\?(.*)/s);
  const isDiscovery = paths.some((pattern) => pattern.test(path)) && !path.includes('..');
  if (!isDiscovery) return undefined;
  const parameters = [...new URLSearchParams(query)].filter(
    ([name]) => !ignoredParameters.has(name),
  );
  if (parameters.length === 0) return { target: path, isImmutable: false };
  const [[name, hash] = ['', ''], ...others] = parameters;
  const isHashed = path.startsWith('/openapi/v3/') && name === 'hash' && /^\w+$/.test(hash);
  if (!isHashed || others.length > 0) return undefined;
  return { target: `${path}?hash=${hash}`, isImmutable: true };
}

function takesGzip(acceptEncoding: string): boolean {
  return acceptEncoding
    .toLowerCase()
    .split(',')
    .map((part) => part.replace(/\s+/g, ''))
    .some((part) => /^(?:gzip|\*)(?:;q=(?!0(?:\.0*)?$).*)?$/.test(part));
}

function agentOf(headers: ApiHeaders): ApiHeaders {
  const agent = headers['user-agent'];
  return agent === undefined ? {} : { 'user-agent': agent };
}

/** A GET may be said to have a body; what comes of it then is the API server's business. */
function hasNoBody({ headers, body }: ApiRequest): boolean {
  if (body instanceof Uint8Array) return body.length === noBody.length;
  return headers['transfer-encoding'] === undefined && (headers['content-length'] ?? '0') === '0';
}
