/**
 * What the engine needs of a cluster and of the world: one way to send a request, a clock, chance.
 * `ClusterClient` of `@fairlead/cluster-client` satisfies {@link ClusterApi} as it stands.
 */

/** A request to the API server. */
export interface ClusterApiRequest {
  /** Absolute path without query, already encoded. */
  readonly path: string;
  /** Query parameters, not yet encoded. */
  readonly query?: Readonly<Record<string, string>>;
  /** Names in lower case; the account's credentials are added. @defaultValue none */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request and its body. */
  readonly signal?: AbortSignal;
}

/** The API server's answer; `body` not yet read. */
export interface ClusterApiResponse {
  /** HTTP status; any, also 401 and 410. */
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks as they arrive. Pulling is the back-pressure; leaving the loop ends the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The whole body as text; fails beyond `maxBytes`. */
  text(maxBytes?: number): Promise<string>;
}

/** HTTP to one API server with the account's own credentials. */
export interface ClusterApi {
  /** Sends a request. Resolves with any HTTP status; rejects when there is no answer. */
  request(request: ClusterApiRequest): Promise<ClusterApiResponse>;
  /** Reads the credentials anew; called after a 401. */
  reloadCredentials(): Promise<void>;
}

/** Time. */
export interface Clock {
  /** Unix milliseconds. */
  nowMs(): number;
  /** Settles after `ms`; rejects with the signal's reason when it is aborted before. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** Chance. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}
