/**
 * Who a cluster is: its version, the uid of `kube-system` (the usual stand-in for a cluster id,
 * since that namespace lives as long as the cluster), and its serving certificate.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { ClusterClient, ClusterIdentity } from './cluster-client.ts';
import { ClusterClientError } from './cluster-client-error.ts';

/** Both documents are below 1 KB on a real server. */
const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** Asks for version and uid. Throws `refused` or `protocol` if `/version` cannot be read. */
export async function identifyCluster(
  client: Pick<ClusterClient, 'request'>,
  signal?: AbortSignal,
): Promise<Pick<ClusterIdentity, 'version' | 'uid'>> {
  const version = await readDocument(client, '/version', signal);
  if (version.status !== 200) throw refused('/version', version.status);
  const path = '/api/v1/namespaces/kube-system';
  const namespace = await readDocument(client, path, signal);
  // 403 and 404 are legal: an account may be limited to its own namespaces.
  const mayBeHidden = namespace.status === 403 || namespace.status === 404;
  if (namespace.status !== 200 && !mayBeHidden) throw refused(path, namespace.status);
  return {
    version: stringAt(version.document, 'gitVersion'),
    uid: namespace.status === 200 ? stringAt(childAt(namespace.document, 'metadata'), 'uid') : '',
  };
}

/** SHA-256 of the peer's certificate as 64 hex digits; '' if the socket is plain or closed. */
export function fingerprintOf(socket: Socket): string {
  if (!(socket instanceof TLSSocket)) return '';
  // A resumed TLS session carries no certificate: Node then gives an object without fields.
  const certificate: { readonly fingerprint256?: string } = socket.getPeerCertificate();
  return (certificate.fingerprint256 ?? '').replaceAll(':', '').toLowerCase();
}

async function readDocument(
  client: Pick<ClusterClient, 'request'>,
  path: string,
  signal: AbortSignal | undefined,
): Promise<{ readonly status: number; readonly document: unknown }> {
  const response = await client.request({ path, ...(signal === undefined ? {} : { signal }) });
  const text = await response.text(MAX_DOCUMENT_BYTES);
  return { status: response.status, document: response.status === 200 ? parse(path, text) : {} };
}

function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text; the path says enough.
    throw new ClusterClientError('protocol', `${path} did not answer with JSON`);
  }
}

function refused(path: string, status: number): ClusterClientError {
  return new ClusterClientError('refused', `${path} answered ${status}`, { status });
}

function childAt(document: unknown, field: string): unknown {
  return typeof document === 'object' && document !== null
    ? (Reflect.get(document, field) as unknown)
    : undefined;
}

function stringAt(document: unknown, field: string): string {
  const value = childAt(document, field);
  return typeof value === 'string' ? value : '';
}
