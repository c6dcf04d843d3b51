/**
 * The agent's end of a tunnel: requests from the gateway, answered by the account's API server.
 */
import {
  ApiTunnelError,
  statusResponse,
  type ApiHandler,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import { ClusterClientError, type LiveClient } from '@fairlead/cluster-client';

/** What answers for an account. */
export interface AccountApiDeps {
  /** Its client; undefined while there is none. */
  readonly client: () => LiveClient | undefined;
}

/**
 * Sends what it is given to the account's API server and hands the answer on. Rejects with
 * `ApiTunnelError`; a body that fails throws one, too.
 */
export function createAccountApi({ client }: AccountApiDeps): ApiHandler {
  return async (request) => {
    const live = client();
    if (live === undefined) throw new ApiTunnelError('unavailable', 'the account is not connected');
    try {
      const { status, headers, body } = await live.exchange(request);
      return { status, headers, body: new TranslatedBody(body) };
    } catch (error: unknown) {
      return refusalOf(error) ?? rethrow(error);
    }
  };
}

/** What is wrong with the request itself is an answer. Nothing of it was sent. */
function refusalOf(error: unknown): ApiResponse | undefined {
  if (!(error instanceof ClusterClientError) || error.mayHaveRun) return undefined;
  if (error.code === 'invalid') {
    return statusResponse({ status: 400, message: `Fairlead's agent: ${error.message}` });
  }
  if (error.code !== 'impersonating') return undefined;
  const message = `Fairlead's agent refuses to impersonate: ${error.message}`;
  return statusResponse({ status: 403, message });
}

function rethrow(error: unknown): never {
  throw tunnelErrorFrom(error);
}

/** What the gateway is told of a failure on the way to the API server. */
export function tunnelErrorFrom(error: unknown): ApiTunnelError {
  if (error instanceof ApiTunnelError) return error;
  if (!(error instanceof ClusterClientError)) {
    // Nobody knows how far it came.
    const facts = { mayHaveRun: true, cause: error };
    return new ApiTunnelError('interrupted', 'the agent failed', facts);
  }
  const { code, message, mayHaveRun } = error;
  const facts = { mayHaveRun, cause: error };
  if (code === 'aborted') return new ApiTunnelError('aborted', message, facts);
  if (code === 'timeout' && mayHaveRun) return new ApiTunnelError('noAnswer', message, facts);
  if (mayHaveRun) return new ApiTunnelError('interrupted', message, facts);
  const isGone = code === 'closed';
  return new ApiTunnelError(isGone ? 'unavailable' : 'unreachable', message, facts);
}

/** A body whose failures are those of this room. */
class TranslatedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      return await this.#chunks.next();
    } catch (error: unknown) {
      throw tunnelErrorFrom(error);
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }
}
