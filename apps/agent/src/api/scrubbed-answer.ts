/**
 * An answer without its secret values. What cannot be looked into is withheld: then the client is told
 * so by a Status, or, when part of the answer has left already, by its end in the middle.
 */
import {
  ApiTunnelError,
  chunksOf,
  noBody,
  statusResponse,
  type ApiBody,
  type ApiHeaders,
  type ApiResponse,
} from '@fairlead/api-tunnel';
import {
  createAnswerFilter,
  ScrubberError,
  type AnswerFilter,
  type AnswerFilterOptions,
} from '@fairlead/secret-scrubber';
import { isPlainJson } from './accept-header.ts';

/** What was asked. */
export interface ScrubbedAnswerOptions {
  readonly method: string;
  readonly filter: AnswerFilterOptions;
  /** An answer, or the rest of one, was withheld. */
  readonly onWithheld: () => void;
}

/** Filters it. Rejects with what its body fails with. */
export async function scrubbedAnswer(
  response: ApiResponse,
  options: ScrubbedAnswerOptions,
): Promise<ApiResponse> {
  const { status } = response;
  const headers = passingHeaders(response.headers);
  if (options.method === 'HEAD' || status === 204 || status === 304) {
    await discard(response.body);
    return { status, headers, body: noBody };
  }
  if (status === 101 || !isPlainJson(response.headers)) {
    await discard(response.body);
    return withheld(status, options);
  }
  // An error is a document, whatever was asked for.
  const shape = status >= 400 ? 'document' : options.filter.shape;
  const filter = createAnswerFilter({ ...options.filter, shape });
  if (shape !== 'document') {
    return { status, headers, body: new FilteredBody(response.body, filter, options) };
  }
  try {
    return { status, headers, body: await whole(response.body, filter) };
  } catch (error: unknown) {
    filter.dispose();
    if (!(error instanceof ScrubberError)) throw error;
    return withheld(status, options);
  }
}

/** The length is another one; and a warning of an admission webhook may repeat what was submitted. */
function passingHeaders(headers: ApiHeaders): ApiHeaders {
  const {
    'content-length': _length,
    'content-encoding': _encoding,
    warning: _warning,
    ...passing
  } = headers;
  return passing;
}

function withheld(status: number, { onWithheld }: ScrubbedAnswerOptions): ApiResponse {
  onWithheld();
  const message =
    `Fairlead's agent withholds the answer of the API server (${String(status)}): it has a form in ` +
    'which secret values cannot be found. The request may have been executed';
  return statusResponse({ status: status >= 400 ? status : 500, message });
}

async function discard(body: ApiBody): Promise<void> {
  if (body instanceof Uint8Array) body.fill(0);
  else await body[Symbol.asyncIterator]().return?.();
}

async function whole(body: ApiBody, filter: AnswerFilter): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunksOf(body)) parts.push(filter.push(chunk));
  parts.push(filter.end());
  return Buffer.concat(parts);
}

/** A body that passes as it comes. */
class FilteredBody implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array, void>;
  readonly #filter: AnswerFilter;
  readonly #options: ScrubbedAnswerOptions;
  #isOver = false;

  constructor(body: ApiBody, filter: AnswerFilter, options: ScrubbedAnswerOptions) {
    this.#chunks = chunksOf(body);
    this.#filter = filter;
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      while (!this.#isOver) {
        const chunk = await this.#chunks.next();
        this.#isOver = chunk.done === true;
        const passed = chunk.done === true ? this.#filter.end() : this.#filter.push(chunk.value);
        if (passed.length > 0) return { done: false, value: passed };
      }
      return { done: true, value: undefined };
    } catch (error: unknown) {
      await this.return();
      throw error instanceof ScrubberError ? this.#withheld(error) : error;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#isOver = true;
    this.#filter.dispose();
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }

  #withheld(cause: ScrubberError): ApiTunnelError {
    this.#options.onWithheld();
    return new ApiTunnelError('interrupted', cause.message, { mayHaveRun: true, cause });
  }
}
