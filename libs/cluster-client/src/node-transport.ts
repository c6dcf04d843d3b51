/**
 * One HTTP exchange with an API server, whatever the version of HTTP. `node-http1-transport.ts` and
 * `node-http2-transport.ts` implement it; `node-cluster-client.ts` chooses.
 */
import type { Readable } from 'node:stream';
import { ClusterClientError } from './cluster-client-error.ts';
import type { Credentials } from './credentials.ts';

/** A request as it goes out. */
export interface OutgoingRequest {
  readonly method: string;
  /** Path and query, encoded. */
  readonly path: string;
  /** Names in lower case, credentials included; a list is a header that is repeated. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Uint8Array | string | undefined;
  readonly signal: AbortSignal | undefined;
  /** What the connection is made with. */
  readonly credentials: Credentials;
}

/** The head of an answer, and its body still to be read. */
export interface IncomingResponse {
  readonly status: number;
  /** Names in lower case; values of a repeated header joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** Destroying it ends the exchange. */
  readonly stream: Readable;
  /** After the stream's end: whether the peer had said all it wanted to. */
  isWhole(): boolean;
  /** SHA-256 of the serving certificate, 64 hex digits; '' over plain HTTP. */
  readonly certificateFingerprint: string;
}

/** Sends requests over connections of its own. */
export interface Transport {
  /**
   * Resolves with the head of the answer. Rejects with {@link StaleConnection} when a kept
   * connection turned out to be closed before anything was answered, else `ClusterClientError`.
   */
  send(request: OutgoingRequest): Promise<IncomingResponse>;
  /** Ends every connection; what is under way fails with `closed`. */
  close(): void;
}

/** A kept connection turned out to be closed; never leaves this room. */
export class StaleConnection extends Error {}

/** The caller's signal ended it. */
export function abortedError(): ClusterClientError {
  return new ClusterClientError('aborted', 'the request was aborted');
}

/** The client was closed. */
export function closedError(): ClusterClientError {
  return new ClusterClientError('closed', 'the client is closed');
}

/** No head of an answer in time. */
export function headersTimeoutError(afterMs: number): ClusterClientError {
  return new ClusterClientError('timeout', `the API server sent no answer for ${afterMs} ms`);
}
