/**
 * A certificate authority made anew at each start: nothing secret is kept, and nothing expires in a
 * drawer.
 */
// Must be loaded before @peculiar/x509, whose container reads the metadata it adds.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
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

/** What a certificate is to say. */
export interface CertificateRequest {
  /** Such as `CN=bridge`. */
  readonly subject: string;
  /** What its owner does with it. */
  readonly usage: 'server' | 'client';
  /** Names that a server has, besides 127.0.0.1. @defaultValue none */
  readonly dnsNames?: readonly string[];
  /** When it ends; in the past for one that has ended. @defaultValue in a year */
  readonly notAfter?: Date;
}

/** Signs certificates that whoever trusts `caPem` trusts. */
export interface CertificateAuthority {
  readonly caPem: string;
  /** Takes a few milliseconds. */
  issue(request: CertificateRequest): Promise<KeyAndCertificate>;
}

interface Signer {
  readonly certificate: X509Certificate;
  readonly keys: webcrypto.CryptoKeyPair;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** A server for a person may stay up for long. */
const validDays = 365;
const dayMs = 86_400_000;

/** Makes an authority; takes some ten milliseconds. */
export async function createCertificateAuthority(): Promise<CertificateAuthority> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...commonFields(),
    // Of its own: OpenSSL takes authorities of one name for one.
    name: `CN=fairlead-testbed-${randomBytes(4).toString('hex')}`,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });
  const signer = { certificate, keys };
  return {
    caPem: certificate.toString('pem'),
    issue: (request) => issue(signer, request),
  };
}

async function issue(signer: Signer, request: CertificateRequest): Promise<KeyAndCertificate> {
  const keys = await createKeys();
  const certificate = await X509CertificateGenerator.create({
    ...commonFields(request.notAfter),
    subject: request.subject,
    issuer: signer.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: signer.keys.privateKey,
    extensions: [
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      ...usageExtensions(request),
    ],
  });
  const privateKey = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return {
    certificatePem: certificate.toString('pem'),
    privateKeyPem: PemConverter.encode(privateKey, 'PRIVATE KEY'),
  };
}

function usageExtensions({ usage, dnsNames = [] }: CertificateRequest) {
  if (usage === 'client') return [new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])];
  return [
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    new SubjectAlternativeNameExtension([
      { type: 'ip', value: '127.0.0.1' },
      ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ]),
  ];
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function commonFields(notAfter = new Date(Date.now() + validDays * dayMs)) {
  return {
    serialNumber: randomBytes(8).toString('hex'),
    // An hour back: the server's clock may be another than ours.
    notBefore: new Date(Math.min(Date.now() - 3_600_000, notAfter.getTime() - dayMs)),
    notAfter,
    signingAlgorithm: algorithm,
  };
}
