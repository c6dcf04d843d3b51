/**
 * Keys and certificates of a TLS port, read again when their files change. Connections that are open
 * stay as they are: each new one gets what is there then. A half-written pair changes nothing.
 */
import { readFile } from 'node:fs/promises';
import {
  createSecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from 'node:tls';
import { watchFiles } from '@fairlead/service-kit';

/** The files, and whether clients show certificates. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string | undefined;
  readonly clientAuth: 'none' | 'optional' | 'require';
}

/** Told when the files have changed. */
export interface TlsObserver {
  /** New connections get the new material. */
  reloaded(): void;
  /** The old material stays. */
  notReloaded(error: unknown): void;
}

/** Longest handshake, ms: Node's own 120 s would let silent connections pile up. */
const handshakeTimeoutMs = 10_000;
/** RFC 8996 forbids what is older. */
const minVersion = 'TLSv1.2';

/** Options for the server; rejects when a file cannot be read or does not fit. */
export async function tlsOptionsOf(files: TlsFiles): Promise<TlsOptions> {
  return {
    ...(await materialOf(files)),
    requestCert: files.clientAuth !== 'none',
    rejectUnauthorized: files.clientAuth === 'require',
    handshakeTimeout: handshakeTimeoutMs,
  };
}

/** Keeps a server's material up to date until the answer is called. */
export async function keepTlsFresh(
  server: Pick<Server, 'setSecureContext'>,
  files: TlsFiles,
  observer: TlsObserver,
): Promise<() => Promise<void>> {
  const { certFile, keyFile, clientCaFile } = files;
  const watch = await watchFiles({
    files: [certFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])],
    onChange: async () => {
      server.setSecureContext(await materialOf(files));
      observer.reloaded();
    },
    onError: (error) => observer.notReloaded(error),
  });
  return () => watch.close();
}

async function materialOf(files: TlsFiles): Promise<SecureContextOptions> {
  const { clientCaFile, clientAuth } = files;
  const [cert, key] = await Promise.all([readFile(files.certFile), readFile(files.keyFile)]);
  const asks = clientAuth !== 'none' && clientCaFile !== undefined;
  const material = { cert, key, minVersion, ...(asks ? { ca: await readFile(clientCaFile) } : {}) };
  // Throws for what does not fit, before anything is changed.
  createSecureContext(material as SecureContextOptions);
  return material as SecureContextOptions;
}
