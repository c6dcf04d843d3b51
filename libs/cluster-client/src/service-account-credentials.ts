/**
 * Credentials of a pod: the service account's token and CA, read from their files each time, since
 * the kubelet replaces them (bound tokens live for an hour).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClusterClientError, systemCodeOf } from './cluster-client-error.ts';
import type { CredentialSource } from './credentials.ts';
import { readTokenFile } from './kubeconfig-credentials.ts';

/** Where a pod finds its API server and its service account. */
export interface ServiceAccountOptions {
  /** Address of the API server. @defaultValue from KUBERNETES_SERVICE_HOST and _PORT */
  readonly server?: string;
  /** Folder with `token` and `ca.crt`. @defaultValue '/var/run/secrets/kubernetes.io/serviceaccount' */
  readonly folder?: string;
}

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const DEFAULT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Makes the source. Throws `config` outside a pod when no server is given. */
export function serviceAccountCredentials(options: ServiceAccountOptions): CredentialSource {
  const folder = options.folder ?? DEFAULT_FOLDER;
  return {
    server: (options.server ?? serverOfPod()).replace(/\/+$/, ''),
    load: async () => ({
      headers: { authorization: `Bearer ${await readTokenFile(join(folder, 'token'))}` },
      tls: { ca: await readCa(join(folder, 'ca.crt')) },
      proxyAgent: undefined,
    }),
  };
}

/** The two variables are how Kubernetes tells a pod where its API server is, not configuration. */
function serverOfPod(): string {
  const host = process.env.KUBERNETES_SERVICE_HOST ?? '';
  const port = process.env.KUBERNETES_SERVICE_PORT ?? '443';
  if (host === '') {
    throw new ClusterClientError(
      'config',
      'not in a pod: KUBERNETES_SERVICE_HOST is not set; use a kubeconfig file',
    );
  }
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function readCa(file: string): Promise<Buffer> {
  return readFile(file).catch((error: unknown) => {
    throw new ClusterClientError('credentials', `CA file cannot be read: ${file}`, {
      systemCode: systemCodeOf(error),
      file,
    });
  });
}
