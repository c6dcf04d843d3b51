/**
 * The contract of this room: one exchange with a Kubernetes API, whichever way it is carried. A
 * gateway, a tunnel, a guard and an API server's client are all an {@link ApiHandler}, so that they
 * can stand behind one another.
 */

/**
 * Names in lower case; values of a repeated header joined with `, `. Those of `impersonate-group` and
 * `impersonate-extra-*` may hold commas, and are joined with a line feed, which no header holds.
 */
export type ApiHeaders = Readonly<Record<string, string>>;

/**
 * A body: what is known whole as bytes, else chunks as they come, to be read once. Pulling is the
 * back-pressure; leaving the loop early ends the exchange.
 */
export type ApiBody = Uint8Array | AsyncIterable<Uint8Array>;

/** One request to the Kubernetes API of one account. */
export interface ApiRequest {
  /** HTTP method in capitals: `GET`, `PATCH`. */
  readonly method: string;
  /** Path and query as they stand in the request line, encoded; begins with `/`. */
  readonly target: string;
  /** Without the client's own credentials. */
  readonly headers: ApiHeaders;
  /**
   * The protocol that the client asks to switch to (`websocket`, `SPDY/3.1`), '' for none. After an
   * answer with status 101 the request's body is what the client sends on the switched connection,
   * and the answer's body what the server sends; each side may end before the other.
   */
  readonly upgrade: string;
  /** What the client sends; {@link noBody} for nothing. */
  readonly body: ApiBody;
  /** Who asks, as the gateway knows them; for logs and refusals. */
  readonly caller: string;
  /** Aborts when nobody waits for the answer any more; ends the answer's body, too. */
  readonly signal: AbortSignal;
}

/** The answer, whatever its status. */
export interface ApiResponse {
  /** HTTP status; 101 when the connection was switched as asked. */
  readonly status: number;
  /** As the API server sent them, but for what concerns one connection only. */
  readonly headers: ApiHeaders;
  /** As the API server sends it, compressed or not; must be read or left. */
  readonly body: ApiBody;
}

/**
 * Answers requests. Resolves as soon as the head of the answer is known; rejects only with faults
 * and with an error that says whether the request may have been executed.
 */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>;

/** No body. */
export const noBody: Uint8Array = new Uint8Array(0);

/** A body as chunks; nothing for an empty one. */
export async function* chunksOf(body: ApiBody): AsyncGenerator<Uint8Array, void, undefined> {
  if (!(body instanceof Uint8Array)) yield* body;
  else if (body.length > 0) yield body;
}
