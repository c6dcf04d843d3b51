/**
 * Credentials of one account at one moment, and the cache that reads them anew: at most once a
 * minute by itself (as client-go does for token files), at once on {@link CredentialCache.reload}.
 */
import type { Agent } from 'node:http';

/** What a connection and its requests need. Never logged, never put in a message. */
export interface Credentials {
  /**
   * Headers for every request (`authorization`, `impersonate-user`), names in lower case; lines of one that
   * is repeated as `linesOf` has them.
   */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsCredentials;
  /** An agent that leads through the cluster's proxy, when it has one. */
  readonly proxyAgent: Agent | undefined;
}

/** The TLS side of {@link Credentials}; a connection lives with the values it was made with. */
export interface TlsCredentials {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

/** Where credentials come from. */
export interface CredentialSource {
  /** Address of the API server, without a trailing slash. */
  readonly server: string;
  /**
   * Reads the credentials. `fresh` also leaves out what a plugin said may still be used.
   * Throws `ClusterClientError` with code `credentials`, `config` or `timeout`.
   */
  load(mode: 'cached' | 'fresh'): Promise<Credentials>;
}

/** Time between two readings, as client-go re-reads token files (oauth2 file source, 1 minute). */
export const CREDENTIAL_MAX_AGE_MS = 60_000;
/** Reloads asked for within this time of the last one get its result: 90 feeds see a 401 at once. */
const RELOAD_COALESCE_MS = 1_000;

/** Holds the credentials in force. */
export class CredentialCache {
  readonly #source: CredentialSource;
  readonly #nowMs: () => number;
  #current: Credentials;
  #readAtMs: number;
  #reloadedAtMs = Number.NEGATIVE_INFINITY;
  #loading: Promise<Credentials> | undefined;

  private constructor(source: CredentialSource, nowMs: () => number, first: Credentials) {
    this.#source = source;
    this.#nowMs = nowMs;
    this.#current = first;
    this.#readAtMs = nowMs();
  }

  /** Reads the credentials for the first time; throws what the source throws. */
  static async open(source: CredentialSource, nowMs: () => number): Promise<CredentialCache> {
    return new CredentialCache(source, nowMs, await source.load('cached'));
  }

  /** The credentials, not older than a minute unless their source fails: then the last good ones. */
  async get(): Promise<Credentials> {
    if (this.#nowMs() - this.#readAtMs < CREDENTIAL_MAX_AGE_MS) return this.#current;
    try {
      return await this.#load('cached');
    } catch {
      // A file that is being replaced must not stop requests that the old credentials still
      // serve. If they do not, the 401 leads to reload(), which says what is wrong.
      this.#readAtMs = this.#nowMs();
      return this.#current;
    }
  }

  /** Reads anew, whatever the age. Throws what the source throws; the old ones stay in force. */
  async reload(): Promise<void> {
    if (this.#nowMs() - this.#reloadedAtMs < RELOAD_COALESCE_MS) return;
    await this.#load('fresh');
    this.#reloadedAtMs = this.#nowMs();
  }

  async #load(mode: 'cached' | 'fresh'): Promise<Credentials> {
    this.#loading ??= this.#source.load(mode).finally(() => {
      this.#loading = undefined;
    });
    this.#current = await this.#loading;
    this.#readAtMs = this.#nowMs();
    return this.#current;
  }
}
