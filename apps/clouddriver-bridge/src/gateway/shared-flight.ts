/**
 * One request to a cluster for many who wait for the same answer. It goes on while anybody waits,
 * whoever began it, and ends with the last one.
 */
import {
  ApiTunnelError,
  chunksOf,
  noBody,
  type ApiHandler,
  type ApiHeaders,
  type ApiResponse,
} from '@fairlead/api-tunnel';

/** A whole answer. */
export interface WholeResponse extends ApiResponse {
  readonly body: Uint8Array;
}

/** What to send. */
export interface FlightRequest {
  readonly target: string;
  readonly headers: ApiHeaders;
  /** Who asked first. */
  readonly caller: string;
}

/** What a flight is made of. */
export interface FlightPlan {
  readonly next: ApiHandler;
  readonly request: FlightRequest;
  /** An answer of more bytes is given up: `undefined` for all. */
  readonly maxBytes: number;
  /** Takes what came, once, and gives what all who wait get. */
  readonly settle: (response: WholeResponse | undefined) => WholeResponse | undefined;
}

/** One request under way. */
export class SharedFlight {
  /** Resolves when the answer is there or will not come. */
  readonly ended: Promise<void>;
  readonly #abort = new AbortController();
  readonly #answer: Promise<WholeResponse | undefined>;
  #waiting = 0;
  #isOver = false;

  /** Begins at once. */
  constructor({ next, request, maxBytes, settle }: FlightPlan) {
    const { signal } = this.#abort;
    const whole = { method: 'GET', upgrade: '', body: noBody, signal, ...request };
    this.#answer = next(whole)
      .then((response) => readWhole(response, maxBytes))
      .then(settle);
    const over = (): void => {
      this.#isOver = true;
    };
    // Who waits for the answer is told why there is none.
    this.ended = this.#answer.then(over, over);
  }

  /** Whether anybody may still join: it is under way, and not given up. */
  get isOpen(): boolean {
    return !this.#isOver && !this.#abort.signal.aborted;
  }

  /** Waits for the answer, or until nobody waits for this waiter. */
  async wait(signal: AbortSignal): Promise<WholeResponse | undefined> {
    this.#waiting += 1;
    try {
      return await orAborted(this.#answer, signal);
    } finally {
      this.#waiting -= 1;
      if (this.#waiting === 0 && !this.#isOver) this.#abort.abort();
    }
  }
}

/** The same promise, but rejecting as soon as nobody waits any more. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new ApiTunnelError('aborted', 'nobody waits for the answer'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** All of an answer; `undefined` if it is too long, and then the rest is not read. */
async function readWhole(
  response: ApiResponse,
  maxBytes: number,
): Promise<WholeResponse | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf(response.body)) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return { ...response, body: Buffer.concat(chunks) };
}
