// Certificates for simulated API servers: an authority of their own and a server's certificate
// signed by it, made anew at each start and never written to disk.
// Must be loaded before @peculiar/x509, whose container reads the metadata it adds.
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  type Extension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** What a TLS server needs, and what its clients must trust; all PEM. */
export interface ServerCertificate {
  /** The authority, for kubeconfigs. */
  readonly ca: string;
  /** The server's certificate. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/** What kube-apiserver's own certificates use today (kubeadm's `ECDSA-P256`). */
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Clocks of client and server may differ by so much. */
const LEEWAY_MS = 3_600_000;
/** A simulated cluster does not outlive this. */
const LIFETIME_MS = 365 * 24 * 3_600_000;

/** Makes an authority and a certificate for localhost, 127.0.0.1 and `hosts`. */
export async function createServerCertificate(
  hosts: readonly string[],
): Promise<ServerCertificate> {
  const authorityKeys = await createKeys();
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=simulated-clusters-ca',
    keys: authorityKeys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.create({
    ...validity(),
    subject: 'CN=kube-apiserver',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey: authorityKeys.privateKey,
    extensions: [alternativeNames(['localhost', '127.0.0.1', ...hosts])],
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    ca: authority.toString('pem'),
    cert: certificate.toString('pem'),
    key: PemConverter.encode(key, 'PRIVATE KEY'),
  };
}

function alternativeNames(hosts: readonly string[]): Extension {
  const names = [...new Set(hosts)].map((value) =>
    isIP(value) === 0 ? { type: 'dns' as const, value } : { type: 'ip' as const, value },
  );
  return new SubjectAlternativeNameExtension(names);
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

function validity(): { notBefore: Date; notAfter: Date; signingAlgorithm: typeof ALGORITHM } {
  const nowMs = Date.now();
  return {
    notBefore: new Date(nowMs - LEEWAY_MS),
    notAfter: new Date(nowMs + LIFETIME_MS),
    signingAlgorithm: ALGORITHM,
  };
}
