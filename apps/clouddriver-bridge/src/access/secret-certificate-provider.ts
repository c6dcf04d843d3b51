/** Gives a gRPC port its certificates from references, as they are at the time. */
import { createSecureContext } from 'node:tls';
import type { experimental } from '@grpc/grpc-js';
import { type TlsSecrets } from './node-tls-material.ts';

type Provider = Parameters<typeof experimental.createCertificateProviderServerCredentials>[0];
type IdentityListener = Parameters<Provider['addIdentityCertificateListener']>[0];
type CaListener = Parameters<Provider['addCaCertificateListener']>[0];

/** What to read; either, as the port needs it. */
export interface CertificateOptions {
  /** Files, or references. */
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly clientCaFile?: string;
}

/** Hands the newest on; while one cannot be read, what was read last stays. */
export class SecretCertificateProvider implements Provider {
  readonly #options: CertificateOptions;
  readonly #secrets: TlsSecrets;
  readonly #identityListeners = new Set<IdentityListener>();
  readonly #caListeners = new Set<CaListener>();
  #identity: Parameters<IdentityListener>[0] = null;
  #ca: Parameters<CaListener>[0] = null;

  private constructor(options: CertificateOptions, secrets: TlsSecrets) {
    this.#options = options;
    this.#secrets = secrets;
  }

  /** Reads once, and rejects where that fails; from then on, whenever something has changed. */
  static async open(
    options: CertificateOptions,
    secrets: TlsSecrets,
    failed: (error: unknown) => void,
  ): Promise<SecretCertificateProvider> {
    const provider = new SecretCertificateProvider(options, secrets);
    await provider.#read();
    const { certFile, keyFile, clientCaFile } = options;
    const named = [certFile, keyFile, clientCaFile].filter((each) => each !== undefined);
    await secrets.follow(named, () => void provider.#read().catch(failed));
    return provider;
  }

  addIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.add(listener);
    process.nextTick(listener, this.#identity);
  }

  removeIdentityCertificateListener(listener: IdentityListener): void {
    this.#identityListeners.delete(listener);
  }

  addCaCertificateListener(listener: CaListener): void {
    this.#caListeners.add(listener);
    process.nextTick(listener, this.#ca);
  }

  removeCaCertificateListener(listener: CaListener): void {
    this.#caListeners.delete(listener);
  }

  async #read(): Promise<void> {
    const { certFile, keyFile, clientCaFile } = this.#options;
    if (certFile !== undefined && keyFile !== undefined) {
      const [certificate, privateKey] = await Promise.all([
        this.#secrets.content(certFile),
        this.#secrets.content(keyFile),
      ]);
      // Throws for a pair of which one half is new already: the old one stays until both are.
      createSecureContext({ cert: certificate, key: privateKey });
      this.#identity = { certificate, privateKey };
      for (const listener of this.#identityListeners) listener(this.#identity);
    }
    if (clientCaFile === undefined) return;
    this.#ca = { caCertificate: await this.#secrets.content(clientCaFile) };
    for (const listener of this.#caListeners) listener(this.#ca);
  }
}
