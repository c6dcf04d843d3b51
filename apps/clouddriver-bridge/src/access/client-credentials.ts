/**
 * What a request shows to prove who sends it, in each form that clients of Kubernetes use, and how to
 * take all of that off a request that travels on.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { type CertificateSubject } from './certificate-subject.ts';

/** What a client or an agent shows. */
export interface ClientCredentials {
  /** `Bearer <token>`, if there is one, from wherever it stood; other schemes as they came. */
  readonly authorization: string | undefined;
  /** Subject of the client certificate, if there is one and an authority of ours has signed it. */
  readonly subject: CertificateSubject | undefined;
  /** When that certificate ends, epoch milliseconds. @defaultValue never */
  readonly subjectExpiresAtMs?: number | undefined;
  /** The other end's IP address: failures are counted by it. */
  readonly remoteAddress: string;
}

/**
 * How a browser sends a token with a WebSocket, which cannot have headers of its own: as one of the
 * protocols it offers, the rest being the token in unpadded base64url.
 * @see https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/authentication/request/websocket/protocol.go
 */
const bearerProtocolPrefix = 'base64url.bearer.authorization.k8s.io.';

/** Headers that prove somebody's identity to somebody. The last two are of proxies before the API server. */
const credentialHeaders = new Set([
  ...['authorization', 'proxy-authorization', 'cookie'],
  ...['x-remote-user', 'x-remote-uid', 'x-remote-group', 'x-forwarded-client-cert'],
]);
const credentialHeaderPrefix = 'x-remote-extra-';

/** What a request shows. The certificate counts only if Node.js has found it valid. */
export function clientCredentialsOf(request: IncomingMessage): ClientCredentials {
  const { headers, socket } = request;
  const token = bearerFrom(headers);
  return {
    authorization: token === undefined ? headers.authorization : `Bearer ${token}`,
    ...certificateOf(socket),
    remoteAddress: socket.remoteAddress ?? '',
  };
}

/** The bearer token of the `Authorization` header, or of a WebSocket's protocols. */
export function bearerFrom(headers: IncomingHttpHeaders): string | undefined {
  if (headers.authorization !== undefined) return bearerOf(headers.authorization);
  if (headers.upgrade?.toLowerCase() !== 'websocket') return undefined;
  const offered = protocolsOf(headers['sec-websocket-protocol']).find(isBearerProtocol);
  if (offered === undefined) return undefined;
  const encoded = offered.slice(bearerProtocolPrefix.length);
  if (!/^[\w-]+$/.test(encoded)) return undefined;
  return bearerOf(`Bearer ${Buffer.from(encoded, 'base64url').toString('utf8')}`);
}

/** The token of an `Authorization` header; `undefined` for none or another scheme. */
export function bearerOf(header: string | undefined): string | undefined {
  return /^Bearer +(\S+)$/i.exec(header?.trim() ?? '')?.[1];
}

/** The headers without anything that proves who sent them; names in lower case go in and come out. */
export function withoutCredentials<Value extends string | readonly string[] | undefined>(
  headers: Readonly<Record<string, Value>>,
): Record<string, Value> {
  const kept = Object.entries(headers).flatMap(([name, value]): [string, Value][] => {
    if (credentialHeaders.has(name) || name.startsWith(credentialHeaderPrefix)) return [];
    if (name !== 'sec-websocket-protocol') return [[name, value]];
    const protocols = protocolsOf(value).filter((each) => !isBearerProtocol(each));
    return protocols.length === 0 ? [] : [[name, protocols.join(', ') as Value]];
  });
  return Object.fromEntries(kept);
}

function isBearerProtocol(protocol: string): boolean {
  return protocol.toLowerCase().startsWith(bearerProtocolPrefix);
}

function protocolsOf(header: string | readonly string[] | undefined): readonly string[] {
  const text = typeof header === 'string' ? header : (header ?? []).join(',');
  return text.split(',').flatMap((each) => each.trim() || []);
}

function certificateOf(
  socket: IncomingMessage['socket'],
): Pick<ClientCredentials, 'subject' | 'subjectExpiresAtMs'> {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return { subject: undefined };
  // Declared as always whole, but empty without a certificate.
  const { subject, valid_to: until } = socket.getPeerCertificate() as Partial<
    ReturnType<TLSSocket['getPeerCertificate']>
  >;
  if (subject === undefined || until === undefined) return { subject: undefined };
  return { subject: { ...subject }, subjectExpiresAtMs: Date.parse(until) };
}
