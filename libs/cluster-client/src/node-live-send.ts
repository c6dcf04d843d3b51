/** What a live exchange looks like once it is decided how to send it. */
import type { ClusterClientError } from './cluster-client-error.ts';
import type { HeaderLines } from './live-headers.ts';

/** A live request as it goes out. */
export interface LiveSend {
  readonly method: string;
  /** Path and query, with the path of the server's address before it. */
  readonly path: string;
  readonly headers: HeaderLines;
  /** '' for none. */
  readonly upgrade: string;
  /** Undefined for none. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** What the client said of a body in chunks; undefined where it did not. */
  readonly lengthBytes: number | undefined;
  readonly signal: AbortSignal;
  /** 0 for no limit. */
  readonly headersTimeoutMs: number;
}

/**
 * The API server has not executed the request: it was not sent, or the server said so. Never leaves
 * this room: it becomes its cause, or the request is sent again.
 */
export class NotExecuted extends Error {
  override readonly cause: ClusterClientError;

  constructor(cause: ClusterClientError) {
    super(cause.message);
    this.cause = cause;
  }
}
