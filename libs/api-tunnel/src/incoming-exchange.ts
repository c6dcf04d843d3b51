/** One exchange, seen from the side that answers: a handler is asked, its answer sent in pieces. */
import type { AgentTunnelMessage, BridgeTunnelMessage, RequestHead } from '@fairlead/protocol';
import { noBody, type ApiHandler, type ApiRequest, type ApiResponse } from './api-exchange.ts';
import { ApiTunnelError } from './api-tunnel-error.ts';
import { sendPieces } from './body-pieces.ts';
import { failureFromError } from './exchange-failure.ts';
import { IncomingBody } from './incoming-body.ts';
import { workingEveryMs } from './outgoing-exchange.ts';
import { wholeIfSmall } from './small-answer.ts';
import type { TunnelClock, TunnelWire } from './tunnel-wire.ts';
import { headersFrom, responseHeadFrom } from './wire-head.ts';

/** The wire as the side that answers has it. */
export type AgentWire = TunnelWire<AgentTunnelMessage, BridgeTunnelMessage>;

/** Finds who answers for an account; `undefined`: nobody here. */
export type FindHandler = (account: string) => ApiHandler | undefined;

/** What an exchange is made of. */
export interface IncomingExchangeOptions {
  readonly wire: Pick<AgentWire, 'send' | 'room' | 'pause' | 'resume'>;
  readonly clock: TunnelClock;
  /** The message that brought it; its `request` is set. */
  readonly first: BridgeTunnelMessage & { readonly request: RequestHead };
  readonly findHandler: FindHandler;
  /** Both sides have ended: the next request may come. */
  readonly onDone: () => void;
  /** A handler has failed in a way that no handler should. */
  readonly onFault: (error: unknown) => void;
}

/** A message in which nothing is set. */
const nothing: Omit<AgentTunnelMessage, 'data'> = Object.freeze({
  hello: undefined,
  response: undefined,
  end: false,
  failure: undefined,
  working: false,
});

/** A request and its answer. */
export class IncomingExchange {
  readonly #options: IncomingExchangeOptions;
  readonly #body: IncomingBody;
  readonly #abort = new AbortController();
  #isRequestEnded = false;
  #isAnswered = false;
  #isOver = false;
  #stopWorking: () => void = () => undefined;

  constructor(options: IncomingExchangeOptions) {
    this.#options = options;
    const { wire } = options;
    this.#body = new IncomingBody({
      pause: () => wire.pause(),
      resume: () => wire.resume(),
      // What still comes is thrown away, until the other side knows that it is not wanted.
      givenUp: () => undefined,
    });
  }

  /** Asks the handler; may be done before this returns. */
  begin(): void {
    this.#sayWorking();
    this.receive(this.#options.first);
    void this.#answer();
  }

  /** More of the request. */
  receive({ data, end }: BridgeTunnelMessage): void {
    this.#body.push(data);
    if (!end) return;
    this.#isRequestEnded = true;
    this.#body.end();
    this.#finishIfDone();
  }

  /** The wire is gone: nobody waits for the answer. */
  broken(reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stopWorking();
    this.#body.fail(new ApiTunnelError('aborted', `the tunnel closed: ${reason}`));
    this.#abort.abort();
  }

  async #answer(): Promise<void> {
    try {
      const response = await wholeIfSmall(await this.#ask());
      if (this.#isOver) await discard(response);
      else await this.#send(response);
    } catch (error: unknown) {
      if (this.#isOver) return; // Nobody waits; ending it was the reason, most likely.
      if (!(error instanceof ApiTunnelError)) this.#options.onFault(error);
      this.#stopWorking();
      this.#end({ ...nothing, data: noBody, end: true, failure: failureFromError(error) });
    }
  }

  #ask(): Promise<ApiResponse> {
    const { first, findHandler } = this.#options;
    const handler = findHandler(first.request.account);
    if (handler === undefined) {
      throw new ApiTunnelError('unavailable', 'this agent does not serve the account');
    }
    return handler(this.#request());
  }

  #request(): ApiRequest {
    const { method, target, headers, upgrade, caller } = this.#options.first.request;
    const { signal } = this.#abort;
    const isWhole = this.#body.isEnded && upgrade === '';
    const body = isWhole ? this.#body.takeWhole() : this.#body;
    return { method, target, headers: headersFrom(headers), upgrade, body, caller, signal };
  }

  async #send(response: ApiResponse): Promise<void> {
    const { wire } = this.#options;
    const { body } = response;
    this.#stopWorking();
    const head = { ...nothing, response: responseHeadFrom(response) };
    if (body instanceof Uint8Array) {
      this.#end({ ...head, data: body, end: true });
      return;
    }
    wire.send({ ...head, data: noBody });
    await sendPieces(body, {
      send: (data) => wire.send({ ...nothing, data }),
      room: () => wire.room(),
      isOpen: () => !this.#isOver,
    });
    if (!this.#isOver) this.#end({ ...nothing, data: noBody, end: true });
  }

  #end(message: AgentTunnelMessage): void {
    this.#options.wire.send(message);
    this.#isAnswered = true;
    // The rest of the request, if there is one, is heard and thrown away.
    void this.#body.return();
    this.#finishIfDone();
  }

  #finishIfDone(): void {
    if (this.#isOver || !this.#isAnswered || !this.#isRequestEnded) return;
    this.#isOver = true;
    this.#options.onDone();
  }

  #sayWorking(): void {
    this.#stopWorking = this.#options.clock.after(workingEveryMs, () => {
      this.#options.wire.send({ ...nothing, data: noBody, working: true });
      this.#sayWorking();
    });
  }
}

/** Ends an answer that nobody reads. */
async function discard({ body }: ApiResponse): Promise<void> {
  if (!(body instanceof Uint8Array)) await body[Symbol.asyncIterator]().return?.();
}
