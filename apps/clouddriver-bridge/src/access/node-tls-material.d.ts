import { type Server, type TlsOptions } from 'node:tls';
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
/** Options for the server; rejects when a file cannot be read or does not fit. */
export declare function tlsOptionsOf(files: TlsFiles): Promise<TlsOptions>;
/** Keeps a server's material up to date until the answer is called. */
export declare function keepTlsFresh(server: Pick<Server, 'setSecureContext'>, files: TlsFiles, observer: TlsObserver): Promise<() => Promise<void>>;
//# sourceMappingURL=node-tls-material.d.ts.map