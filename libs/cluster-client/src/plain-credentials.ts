/**
 * What a kubeconfig says outright: CA, certificate and key (inline or in files), token, user name
 * and password, impersonation. All but the older auth providers and proxies, for which
 * `library-credentials.ts` is loaded.
 */
import { readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import type { Credentials, TlsCredentials } from './credentials.ts';
import { impersonationHeaders } from './impersonation.ts';
import type { KubeconfigEntry, KubeconfigSection } from './kubeconfig-document.ts';

/** Whether the sections hold nothing that only the library can turn into credentials. */
export function isPlain({ cluster, user }: KubeconfigEntry): boolean {
  return user['auth-provider'] === undefined && cluster['proxy-url'] === undefined;
}

/** Reads the credentials; paths in the file start from `folder`. Throws `credentials`. */
export async function plainCredentials(
  entry: KubeconfigEntry,
  folder: string,
): Promise<Credentials> {
  return {
    headers: headersOf(entry.user),
    tls: await tlsOf(entry, folder),
    proxyAgent: undefined,
  };
}

async function tlsOf({ cluster, user }: KubeconfigEntry, folder: string): Promise<TlsCredentials> {
  const [ca, cert, key] = await Promise.all([
    readMaterial(cluster, 'certificate-authority', folder),
    readMaterial(user, 'client-certificate', folder),
    readMaterial(user, 'client-key', folder),
  ]);
  const servername = textIn(cluster, 'tls-server-name');
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(servername === '' ? {} : { servername }),
    ...(cluster['insecure-skip-tls-verify'] === true ? { rejectUnauthorized: false } : {}),
  };
}

/** `NAME-data` (base64) wins over the file that `NAME` names, as in client-go. */
async function readMaterial(
  section: KubeconfigSection,
  name: string,
  folder: string,
): Promise<Buffer | undefined> {
  const inline = textIn(section, `${name}-data`);
  if (inline !== '') return Buffer.from(inline, 'base64');
  const path = textIn(section, name);
  if (path === '') return undefined;
  const file = isAbsolute(path) ? path : join(folder, path);
  return readFile(file).catch((error: unknown) => {
    const systemCode = systemCodeOf(error);
    throw new ClusterClientError(
      'credentials',
      `${name} of the kubeconfig cannot be read: ${file}`,
      {
        systemCode,
        file,
      },
    );
  });
}

function headersOf(user: KubeconfigSection): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {};
  const token = textIn(user, 'token').trim();
  const username = textIn(user, 'username');
  if (token !== '') headers.authorization = `Bearer ${token}`;
  else if (username !== '') {
    const pair = Buffer.from(`${username}:${textIn(user, 'password')}`).toString('base64');
    headers.authorization = `Basic ${pair}`;
  }
  return { ...headers, ...impersonationHeaders(user) };
}

function textIn(section: KubeconfigSection, field: string): string {
  const value = section[field];
  return typeof value === 'string' ? value : '';
}
