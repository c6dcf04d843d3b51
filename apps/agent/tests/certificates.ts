/** A certificate authority and what it signs, made anew for each test run. */
// Must be loaded before @peculiar/x509, whose container reads the metadata it adds.
import 'reflect-metadata';
import { createPrivateKey, webcrypto } from 'node:crypto';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type Extension,
} from '@peculiar/x509';

/** PEM texts. */
export interface Certificates {
  readonly ca: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly client: {
    readonly certificate: string;
    readonly key: string;
    /** The same key, locked with {@link clientKeyPassword}. */
    readonly lockedKey: string;
  };
}

/** Opens `client.lockedKey`. */
export const clientKeyPassword = 'changeit';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** The server's certificate is for `bridge.test`, localhost and 127.0.0.1. */
export async function createCertificates(): Promise<Certificates> {
  const caKeys = await createKeys();
  const ca = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=test-ca',
    keys: caKeys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  const issue = async (subject: string, extensions: Extension[]) => {
    const keys = await createKeys();
    const certificate = await X509CertificateGenerator.create({
      ...validity(),
      subject,
      issuer: ca.subject,
      publicKey: keys.publicKey,
      signingKey: caKeys.privateKey,
      extensions,
    });
    const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
    return {
      certificate: certificate.toString('pem'),
      key: PemConverter.encode(key, 'PRIVATE KEY'),
    };
  };
  const server = await issue('CN=bridge', [
    new SubjectAlternativeNameExtension([
      { type: 'dns', value: 'bridge.test' },
      { type: 'dns', value: 'localhost' },
      { type: 'ip', value: '127.0.0.1' },
    ]),
  ]);
  const client = await issue('CN=team-a-agent', []);
  const lockedKey = createPrivateKey(client.key).export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: clientKeyPassword,
  });
  return { ca: ca.toString('pem'), server, client: { ...client, lockedKey: lockedKey.toString() } };
}

function createKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

function validity() {
  const nowMs = Date.now();
  return {
    notBefore: new Date(nowMs - 3_600_000),
    notAfter: new Date(nowMs + 3_600_000),
    signingAlgorithm: algorithm,
  };
}
