/**
 * Headers of live exchanges, both ways: pure. What came from somebody else's client passes, but for
 * credentials, of which only the account's own are sent, and for what concerns one connection.
 */
import { ClusterClientError } from './cluster-client-error.ts';
import { linesOf } from './impersonation.ts';
import type { LiveRequest } from './live-exchange.ts';

/** As Node takes them: a list is a header that is repeated. */
export type HeaderLines = Record<string, string | string[]>;

/**
 * Never passed on. RFC 9110, 7.6.1 (of one connection), and credentials. What `connection` names
 * besides is not looked at: else a client could have `impersonate-user` taken out.
 */
const keptBack = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer'],
  ...['upgrade', 'http2-settings', 'host', 'expect', 'content-length'],
  ...['authorization', 'proxy-authorization', 'proxy-authenticate', 'cookie', 'cookie2'],
  // With them something before the API server could do another thing than what was judged.
  ...['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-url'],
  ...['x-original-method', 'x-rewrite-url'],
]);

/** A token in the guise of a protocol of WebSocket (k8s.io/apiserver, authentication/request/websocket). */
const bearerProtocol = 'base64url.bearer.authorization.k8s.io.';

/** Who an authenticating proxy says it speaks for (`--requestheader-*-headers`); we are none. */
const remotePrefix = 'x-remote-';
const impersonationPrefix = 'impersonate-';

/** RFC 9110, 5.6.2; in lower case. */
const tokenPattern = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** RFC 9110, 5.5. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;
/** What may stand in a request line without ending it (RFC 9112, 3.2), and no fragment. */
const targetPattern = /^\/[\x21\x22\x24-\x7e]*$/;

/**
 * The headers to send. Throws `invalid` for what cannot stand in HTTP, and `impersonating` when the
 * request impersonates and the credentials do, too: the two are never merged.
 */
export function liveRequestHeaders(
  { headers, target, method }: LiveRequest,
  credentials: Readonly<Record<string, string>>,
): HeaderLines {
  if (!targetPattern.test(target)) throw invalid('its path');
  if (!/^[A-Z]+$/.test(method) || method === 'CONNECT') throw invalid('its method');
  // Without a prototype: `__proto__` is a name like any other.
  const lines = Object.create(null) as HeaderLines;
  let impersonates = false;
  for (const name of Object.keys(headers)) {
    const value = linesOf(name, passingValue(name, headers[name] ?? ''));
    const isValid = (line: string): boolean => valuePattern.test(line);
    const isSound = typeof value === 'string' ? isValid(value) : value.every(isValid);
    if (!isSound || !tokenPattern.test(name)) throw invalid('a header');
    if (keptBack.has(name) || name.startsWith(remotePrefix)) continue;
    impersonates ||= name.startsWith(impersonationPrefix);
    if (value !== '' || headers[name] === '') lines[name] = value;
  }
  for (const name of Object.keys(credentials)) {
    if (impersonates && name.startsWith(impersonationPrefix)) throw impersonating();
    lines[name] = linesOf(name, credentials[name] ?? '');
  }
  return lines;
}

/** Headers with each line of those that are repeated. */
export function inLines(headers: Readonly<Record<string, string>>): HeaderLines {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, linesOf(name, value)]),
  );
}

function passingValue(name: string, value: string): string {
  if (name !== 'sec-websocket-protocol') return value;
  const protocols = value.split(',').map((protocol) => protocol.trim());
  return protocols.filter((protocol) => !protocol.startsWith(bearerProtocol)).join(', ');
}

/** The length that the client said, if it is one. */
export function declaredLengthBytes({ headers }: LiveRequest): number | undefined {
  const text = headers['content-length'] ?? '';
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** Of an answer: not passed on. A `set-cookie` is for the agent's connection, not for a client. */
const ofTheConnection = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'proxy-authenticate', 'transfer-encoding'],
  ...['trailer', 'upgrade', 'set-cookie', 'alt-svc'],
]);

/** The headers of an answer that go on, names in lower case, repeated ones joined. */
export function liveResponseHeaders(
  received: Readonly<Record<string, string | readonly string[] | undefined>>,
  kept: 'upgraded' | 'ordinary',
): Readonly<Record<string, string>> {
  const headers = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(received)) {
    const value = received[name];
    if (value === undefined || name.startsWith(':')) continue;
    const isOfSwitch = kept === 'upgraded' && (name === 'upgrade' || name === 'connection');
    if (ofTheConnection.has(name) && !isOfSwitch) continue;
    headers[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return headers;
}

function invalid(what: string): ClusterClientError {
  return new ClusterClientError('invalid', `the request cannot be sent: ${what} is not valid HTTP`);
}

function impersonating(): ClusterClientError {
  return new ClusterClientError(
    'impersonating',
    'the request impersonates, and the credentials of the account already do',
  );
}
