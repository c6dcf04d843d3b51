/**
 * The contract of this room: HTTP to one Kubernetes API server, bodies as streams of bytes.
 * `clusterClientFromKubeconfig` and `clusterClientFromServiceAccount` make one.
 */

import type { LiveClient } from './live-exchange.ts';

/** One request to the API server. */
export interface ClusterRequest {
  /** @defaultValue 'GET' */
  readonly method?: string;
  /** Absolute path, already encoded; may carry a query of its own if `query` is absent. */
  readonly path: string;
  /** Query parameters, not yet encoded. */
  readonly query?: Readonly<Record<string, string>>;
  /** The account's credentials are added and win over a header of the same name here. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent whole; a string as UTF-8. Its `content-type` is the caller's to set. @defaultValue none */
  readonly body?: Uint8Array | string;
  /** Ends the request, and the body if it is still being read. */
  readonly signal?: AbortSignal;
}

/** The API server's answer, whatever its status; `body` not yet read. */
export interface ClusterResponse {
  /** HTTP status; any, also 401 and 500. */
  readonly status: number;
  /** Names in lower case; values of a repeated header joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Chunks as they arrive, once. Pulling is the back-pressure: while nobody pulls, the socket is
   * not read. Leaving the loop early destroys the socket. A body that is never read must be
   * ended through the request's `signal` (or by `text()`), else it holds its connection.
   */
  readonly body: AsyncIterable<Uint8Array>;
  /** The rest of the body as text. Throws `tooLarge` beyond `maxBytes`. @defaultValue 16 MiB */
  text(maxBytes?: number): Promise<string>;
}

/** Who a cluster is. */
export interface ClusterIdentity {
  /** Address of the API server as the credentials name it. */
  readonly server: string;
  /** SHA-256 of the serving certificate, 64 hex digits; '' over plain HTTP. */
  readonly certificateFingerprint: string;
  /** `gitVersion` of the server, such as `v1.33.1`. */
  readonly version: string;
  /** uid of the namespace `kube-system`; '' if the account may not read it. */
  readonly uid: string;
}

/** HTTP to one API server with one account's credentials. */
export interface ClusterClient extends LiveClient {
  /** Address of the API server. */
  readonly server: string;
  /** Sends a request. Resolves with any HTTP status; rejects with `ClusterClientError`. */
  request(request: ClusterRequest): Promise<ClusterResponse>;
  /** Reads the credentials anew, now: after a 401, or when their files changed. */
  reloadCredentials(): Promise<void>;
  /** Asks the cluster who it is. Rejects if `/version` cannot be read. */
  identify(signal?: AbortSignal): Promise<ClusterIdentity>;
  /** Ends every connection; later requests reject with `closed`. */
  close(): void;
}
