/**
 * Credentials that need `@kubernetes/client-node`: OIDC, the older auth providers, and proxies. The
 * library is loaded when the first such kubeconfig is met: with it come the models of the whole
 * Kubernetes API, measured at 80 MB of memory and half a second.
 */
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import type { Credentials, TlsCredentials } from './credentials.ts';
import { impersonationHeaders } from './impersonation.ts';
import type { KubeconfigEntry } from './kubeconfig-document.ts';

/** Lets the library read everything. Throws `credentials`. */
export async function libraryCredentials(
  entry: KubeconfigEntry,
  folder: string,
): Promise<Credentials> {
  const options = await applyLibrary(entry, folder);
  const hasProxy = entry.cluster['proxy-url'] !== undefined;
  return {
    // The library knows `as` alone.
    headers: { ...headersOf(options), ...impersonationHeaders(entry.user) },
    tls: tlsOf(options),
    proxyAgent: hasProxy ? (options.agent as Agent | undefined) : undefined,
  };
}

async function applyLibrary(entry: KubeconfigEntry, folder: string): Promise<RequestOptions> {
  const { KubeConfig } = await import('./kubernetes-library.ts');
  const config = new KubeConfig();
  // The library refuses plain HTTP otherwise; we have decided about that already.
  const plain = entry.server.startsWith('http:') ? { 'insecure-skip-tls-verify': true } : {};
  const options: RequestOptions = {};
  try {
    config.loadFromString(
      JSON.stringify({
        clusters: [{ name: 'cluster', cluster: { ...entry.cluster, ...plain } }],
        users: [{ name: 'user', user: entry.user }],
        contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
        'current-context': 'context',
      }),
    );
    config.makePathsAbsolute(folder);
    await config.applyToHTTPSOptions(options);
  } catch (error: unknown) {
    const systemCode = systemCodeOf(error);
    throw new ClusterClientError(
      'credentials',
      `the certificate, key or auth provider of the kubeconfig user cannot be used${
        systemCode === '' ? '' : ` (${systemCode})`
      }`,
      { systemCode },
    );
  }
  return options;
}

function headersOf(options: RequestOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (value !== undefined) headers[name.toLowerCase()] = String(value).trim();
  }
  if (typeof options.auth === 'string') {
    headers.authorization = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return headers;
}

function tlsOf(options: RequestOptions): TlsCredentials {
  const tls: Record<string, unknown> = {};
  for (const field of ['ca', 'cert', 'key', 'servername', 'rejectUnauthorized'] as const) {
    if (options[field] !== undefined) tls[field] = options[field];
  }
  return tls;
}
