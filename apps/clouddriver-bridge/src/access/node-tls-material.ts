/**
 * Keys and certificates of a TLS port, read again when their files change. Connections that are open
 * stay as they are: each new one gets what is there then. A half-written pair changes nothing.
 */
import {
  createSecureContext,
  type SecureContextOptions,
  type Server,
  type TlsOptions,
} from 'node:tls';
import { isSecretReference, type Secrets } from '@fairlead/secret-engines';
import { watchFiles } from '@fairlead/service-kit';

/** The files, and whether clients show certificates. */
export interface TlsFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly clientCaFile?: string | undefined;
  readonly clientAuth: 'none' | 'optional' | 'require';
}

/** Where files and references are read, and what tells of changed references. */
export type TlsSecrets = Pick<Secrets, 'content' | 'follow'>;

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
export async function tlsOptionsOf(files: TlsFiles, secrets: TlsSecrets): Promise<TlsOptions> {
  return {
    ...(await materialOf(files, secrets)),
    requestCert: files.clientAuth !== 'none',
    rejectUnauthorized: files.clientAuth === 'require',
    handshakeTimeout: handshakeTimeoutMs,
  };
}

/** Whose material is kept up to date. */
export interface FreshTls {
  readonly server: Pick<Server, 'setSecureContext'>;
  readonly files: TlsFiles;
  readonly secrets: TlsSecrets;
  readonly observer: TlsObserver;
}

/** Keeps a server's material up to date until the answer is called. */
export async function keepTlsFresh(fresh: FreshTls): Promise<() => Promise<void>> {
  const { server, files, secrets, observer } = fresh;
  const reload = async (): Promise<void> => {
    server.setSecureContext(await materialOf(files, secrets));
    observer.reloaded();
  };
  const failed = (error: unknown): void => observer.notReloaded(error);
  const named = [files.certFile, files.keyFile, files.clientCaFile ?? []].flat();
  const watch = await watchFiles({
    files: named.filter((each) => !isSecretReference(each)),
    onChange: reload,
    onError: failed,
  });
  const follow = await secrets.follow(named, () => void reload().catch(failed));
  return async () => {
    await watch.close();
    await follow.close();
  };
}

async function materialOf(files: TlsFiles, secrets: TlsSecrets): Promise<SecureContextOptions> {
  const { clientCaFile, clientAuth } = files;
  const [cert, key] = await Promise.all([
    secrets.content(files.certFile),
    secrets.content(files.keyFile),
  ]);
  const asks = clientAuth !== 'none' && clientCaFile !== undefined;
  const ca = asks ? { ca: await secrets.content(clientCaFile) } : {};
  const material = { cert, key, minVersion, ...ca };
  // Throws for what does not fit, before anything is changed.
  createSecureContext(material as SecureContextOptions);
  return material as SecureContextOptions;
}
