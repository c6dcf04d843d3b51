/**
 * The keys and certificates of one API server, made anew at each start: nothing secret is kept,
 * and nothing expires in a drawer.
 */
// Must be loaded before @peculiar/x509, whose container reads the metadata it adds.
import 'reflect-metadata';
import { generateKeyPairSync, randomBytes, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type X509Certificate,
} from '@peculiar/x509';

/** A certificate and its private key, both PEM. */
export interface KeyAndCertificate {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
}

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

interface Authority {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** An API server for a person may stay up for long. */
const validDays = 365;
const serverNames = [
  ...['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
  // The service through which the API server reaches an aggregated one: `kube-cluster.ts`.
  'metrics.kube-system.svc',
];

/** Makes a CA, what it signs, and the service account keys; takes a few tens of milliseconds. */
export async function createKubeCertificates(): Promise<KubeCertificates> {
  const authority = await createAuthority();
  const alternativeNames = new SubjectAlternativeNameExtension([
    { type: 'ip', value: '127.0.0.1' },
    ...serverNames.map((value) => ({ type: 'dns' as const, value })),
  ]);
  return {
    caPem: authority.certificate.toString('pem'),
    server: await issue(authority, 'CN=kube-apiserver', [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      alternativeNames,
    ]),
    admin: await issue(authority, 'O=system:masters,CN=testbed-admin', [
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth]),
    ]),
    serviceAccountKeys: createServiceAccountKeys(),
  };
}

async function createAuthority(): Promise<Authority> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...commonFields(),
    name: 'CN=fairlead-testbed',
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  return { certificate, keys };
}

async function issue(
  authority: Authority,
  subject: string,
  extensions: NonNullable<Parameters<typeof X509CertificateGenerator.create>[0]['extensions']>,
): Promise<KeyAndCertificate> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.create({
    ...commonFields(),
    subject,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    extensions: [new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true), ...extensions],
  });
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificatePem: certificate.toString('pem'),
    privateKeyPem: PemConverter.encode(privateKey, 'PRIVATE KEY'),
  };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function commonFields() {
  const nowMs = Date.now();
  return {
    serialNumber: randomBytes(8).toString('hex'),
    // An hour back: the server's clock may be another than ours.
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + validDays * 86_400_000),
    signingAlgorithm: algorithm,
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
