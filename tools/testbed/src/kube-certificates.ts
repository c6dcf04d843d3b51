/** The keys and certificates of one API server. */
import { generateKeyPairSync } from 'node:crypto';
import { createCertificateAuthority, type KeyAndCertificate } from './certificate-authority.ts';

/** Everything that an API server and its first client need. */
export interface KubeCertificates {
  /** Signs the other two. */
  readonly caPem: string;
  /** For 127.0.0.1, localhost and the names a pod would use. */
  readonly server: KeyAndCertificate;
  /** Client in group `system:masters`: may do anything. */
  readonly admin: KeyAndCertificate;
  /** Signs and verifies service account tokens. */
  readonly serviceAccountKeys: { readonly privateKeyPem: string; readonly publicKeyPem: string };
}

const serverNames = [
  ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  // The service through which the API server reaches an aggregated one: `kube-cluster.ts`.
  'metrics.kube-system.svc',
];

/** Makes a CA, what it signs, and the service account keys; takes a few tens of milliseconds. */
export async function createKubeCertificates(): Promise<KubeCertificates> {
  const authority = await createCertificateAuthority();
  return {
    caPem: authority.caPem,
    server: await authority.issue({
      subject: 'CN=kube-apiserver',
      usage: 'server',
      dnsNames: serverNames,
    }),
    admin: await authority.issue({ subject: 'O=system:masters,CN=testbed-admin', usage: 'client' }),
    serviceAccountKeys: createServiceAccountKeys(),
  };
}

function createServiceAccountKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return { privateKeyPem: privateKey, publicKeyPem: publicKey };
}
