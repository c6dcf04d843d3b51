/** One exchange that the guard has let through, from its request to the end of its answer. */
import type { ApiBody, ApiResponse, ApiTunnelError } from '@fairlead/api-tunnel';
import type { AskedOperation } from './operations-policy.ts';

/** Can be ended by its guard. */
export class GuardedExchange {
  /** What was asked. */
  readonly asked: AskedOperation;
  /** Whether values of Secrets pass in its answer. */
  hasPassedSecrets = false;
  readonly #aborting = new AbortController();
  readonly #asker: AbortSignal;
  readonly #onEnd: () => void;
  readonly #onAsker = (): void => {
    this.#aborting.abort();
    this.#onEnd();
  };
  #ended: ApiTunnelError | undefined;

  /** `onEnd` may be called more than once. */
  constructor(
    asked: AskedOperation,
    { asker, onEnd }: { readonly asker: AbortSignal; readonly onEnd: () => void },
  ) {
    this.asked = asked;
    this.#asker = asker;
    this.#onEnd = onEnd;
    asker.addEventListener('abort', this.#onAsker, { once: true });
    if (asker.aborted) this.#onAsker();
  }

  /** Aborts with the asker's, and when the guard ends it. */
  get signal(): AbortSignal {
    return this.#aborting.signal;
  }

  /** Ends it with an error. */
  end(error: ApiTunnelError): void {
    this.#ended ??= error;
    this.#aborting.abort();
  }

  /** What failed: the guard's own word goes first. */
  translated(error: unknown): unknown {
    return this.#ended ?? error;
  }

  /** It is over: nobody is to be told of anything any more. Allowed more than once. */
  finish(): void {
    this.#asker.removeEventListener('abort', this.#onAsker);
    this.#onEnd();
  }

  /** The answer, with whose end the exchange is over; also when nobody waits for it any more. */
  following(response: ApiResponse): ApiResponse {
    const { status, body } = response;
    if (body instanceof Uint8Array) {
      this.finish();
      return response;
    }
    const isUpgraded = status === 101;
    // On an upgraded connection the asker may still send; its signal must still end that.
    const onDone = isUpgraded ? this.#onEnd : () => this.finish();
    const translated = (error: unknown): unknown => this.translated(error);
    const onLeft = (): void => this.finish();
    return { ...response, body: new FollowedBody(body, { onDone, onLeft, translated }) };
  }
}

interface FollowedBodyOptions {
  /** Its end has come. */
  readonly onDone: () => void;
  /** It failed, or nobody wants the rest. */
  readonly onLeft: () => void;
  readonly translated: (error: unknown) => unknown;
}

class FollowedBody implements AsyncIterableIterator<Uint8Array> {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #options: FollowedBodyOptions;

  constructor(body: Exclude<ApiBody, Uint8Array>, options: FollowedBodyOptions) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#options = options;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const next = await this.#chunks.next();
      if (next.done !== true) return next;
    } catch (error: unknown) {
      this.#options.onLeft();
      throw this.#options.translated(error);
    }
    this.#options.onDone();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#options.onLeft();
    await this.#chunks.return?.();
    return { done: true, value: undefined };
  }
}
