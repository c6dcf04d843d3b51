/**
 * The contract of live exchanges: one request of somebody else, carried to the API server as it is,
 * with the account's credentials. Beside `ClusterClient.request()`, which is for the agent's own lists
 * and watches: the two share neither connections nor queues.
 */

/** What somebody asks of the API server. */
export interface LiveRequest {
  /** HTTP method in capitals: `GET`, `PATCH`. */
  readonly method: string;
  /** Path and query as they stand in the request line, encoded; begins with `/`. Sent unchanged. */
  readonly target: string;
  /**
   * Names in lower case; values of a repeated header joined with `, `, those of `impersonate-group`
   * and `impersonate-extra-*` with a line feed. Sent as they are but for what `live-headers.ts` keeps
   * back: other credentials, and what concerns one connection only.
   */
  readonly headers: Readonly<Record<string, string>>;
  /** The protocol to switch to (`websocket`, `SPDY/3.1`). @defaultValue '', none */
  readonly upgrade?: string;
  /**
   * Bytes that are known, or chunks that are pulled as the connection takes them and must not be
   * overwritten afterwards. Of an upgraded connection, what is sent on it: pulled only after an answer
   * with status 101, and its end closes this direction alone. A body that is not wanted any more is
   * told so (`return()`). @defaultValue empty
   */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  /** Ends the exchange, and the answer's body if it is still being read. */
  readonly signal: AbortSignal;
  /**
   * Longest wait for the head of the answer once there is a connection, in milliseconds; 0: as long
   * as it takes, which is right for watches, logs and everything else that lasts. @defaultValue 0
   */
  readonly headersTimeoutMs?: number;
}

/** The API server's answer, whatever its status. */
export interface LiveResponse {
  /** HTTP status; 101 when the connection was switched as asked. */
  readonly status: number;
  /** Names in lower case; values of a repeated header joined with `, `. Without those of one hop. */
  readonly headers: Readonly<Record<string, string>>;
  /**
   * Chunks as they arrive, once; as the API server sent them, compressed or not. Pulling is the
   * back-pressure, leaving the loop early ends the exchange. A body that is never read must be ended
   * through the request's `signal`.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

/**
 * Carries requests to the API server.
 *
 * Rejects with `ClusterClientError`, whose `mayHaveRun` says whether the API server may have seen the
 * request. A request is given to the API server once. It is sent a second time, to the same server,
 * only if that has said that it did nothing: it reset the stream with REFUSED_STREAM (RFC 9113, 8.7),
 * or answered 401 and the credentials have since been replaced; and only if its body is whole.
 */
export interface LiveClient {
  /** Resolves as soon as the head of the answer is there; the body comes as it is pulled. */
  exchange(request: LiveRequest): Promise<LiveResponse>;
}
