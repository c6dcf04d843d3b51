/**
 * One exchange, seen from the side that asks: a request goes out in pieces, an answer comes in. The
 * request is written once; what becomes of it is an answer or an error, never a second try.
 */
import type { AgentTunnelMessage, BridgeTunnelMessage, ResponseHead } from '@fairlead/protocol';
import { noBody, type ApiBody, type ApiRequest, type ApiResponse } from './api-exchange.ts';
import { ApiTunnelError } from './api-tunnel-error.ts';
import { isOnePiece, sendPieces } from './body-pieces.ts';
import { errorFromFailure } from './exchange-failure.ts';
import { IncomingBody } from './incoming-body.ts';
import type { TunnelClock, TunnelWire } from './tunnel-wire.ts';
import { headersFrom, requestHeadFrom } from './wire-head.ts';

/** The wire as the side that asks has it. */
export type BridgeWire = TunnelWire<BridgeTunnelMessage, AgentTunnelMessage>;

/** What an exchange is made of. */
export interface OutgoingExchangeOptions {
  /** The stream to the agent; what is heard on it is handed to the exchange by its owner. */
  readonly wire: Pick<BridgeWire, 'send' | 'room' | 'pause' | 'resume' | 'cancel'>;
  /** For giving up an agent that is silent. */
  readonly clock: TunnelClock;
  /** Name of the account whose API server is meant. */
  readonly account: string;
  /** What is asked. */
  readonly request: ApiRequest;
  /** Both sides have ended in order: the wire may carry the next exchange. */
  readonly onDone: () => void;
}

/**
 * Silence before the head of an answer after which the agent is taken for dead, in milliseconds: an
 * agent that lives says at least every {@link workingEveryMs} that it is at work.
 */
export const silenceMs = 15_000;

/** How often an agent says so, in milliseconds. */
export const workingEveryMs = 5_000;

/** A request and its answer. */
export class OutgoingExchange {
  /** The head of the answer; rejects with `ApiTunnelError`. */
  readonly answer: Promise<ApiResponse>;
  readonly #options: OutgoingExchangeOptions;
  readonly #body: IncomingBody;
  #head: { resolve(response: ApiResponse): void; reject(error: Error): void } | undefined;
  #isSwitched = false;
  #isRequestSent = false;
  #isAnswered = false;
  #isOver = false;
  #stopWaiting: () => void = () => undefined;
  readonly #onAbort = (): void => {
    this.#giveUp(new ApiTunnelError('aborted', 'nobody waits for the answer any more'));
  };

  constructor(options: OutgoingExchangeOptions) {
    this.#options = options;
    const { wire, request } = options;
    this.#body = new IncomingBody({
      pause: () => wire.pause(),
      resume: () => wire.resume(),
      givenUp: this.#onAbort,
    });
    this.answer = new Promise((resolve, reject) => (this.#head = { resolve, reject }));
    request.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (request.signal.aborted) this.#onAbort();
    else this.#send();
  }

  /** A message of the other side. */
  receive(message: AgentTunnelMessage): void {
    if (this.#isOver) return;
    try {
      this.#take(message);
    } catch (error: unknown) {
      this.#giveUp(error as Error);
    }
  }

  /** The wire is gone. */
  broken(reason: string): void {
    const mayHaveRun = true;
    this.#giveUp(new ApiTunnelError('interrupted', `the tunnel broke: ${reason}`, { mayHaveRun }));
  }

  #send(): void {
    const { wire, account, request } = this.#options;
    const head = requestHeadFrom(account, request);
    this.#awaitSign();
    if (isOnePiece(request.body) && request.upgrade === '') {
      this.#isRequestSent = true;
      wire.send({ request: head, data: request.body, end: true });
      return;
    }
    wire.send({ request: head, data: noBody, end: false });
    void this.#sendBody();
  }

  async #sendBody(): Promise<void> {
    const { wire, request } = this.#options;
    // What is answered needs no more of its request, unless the connection was switched.
    const isOpen = (): boolean => !this.#isOver && !this.#isRequestSent;
    try {
      await sendPieces(request.body, {
        send: (data) => wire.send({ request: undefined, data, end: false }),
        room: () => wire.room(),
        isOpen,
      });
      if (isOpen()) this.#endRequest();
    } catch (cause: unknown) {
      if (!isOpen()) return; // How the rest of a body ends that nobody wants is all the same.
      const options = { mayHaveRun: true, cause };
      this.#giveUp(new ApiTunnelError('interrupted', "the request's body broke off", options));
    }
  }

  #endRequest(): void {
    this.#isRequestSent = true;
    this.#options.wire.send({ request: undefined, data: noBody, end: true });
    this.#finishIfDone();
  }

  #take({ response, data, end, failure, working }: AgentTunnelMessage): void {
    if (this.#isAnswered) throw violation('more after the end of an answer');
    if (working && this.#head !== undefined) this.#awaitSign();
    const isWhole = response !== undefined && end && failure === undefined;
    if (response !== undefined) this.#answerBegins(response, isWhole ? data : this.#body);
    if (data.length > 0 && !isWhole) {
      if (this.#head !== undefined) throw violation('a body before its head');
      this.#body.push(data);
    }
    if (failure !== undefined) this.#answerEnds(errorFromFailure(failure));
    else if (end) this.#answerEnds(undefined);
  }

  /** An answer that came in one message is handed on as bytes. */
  #answerBegins({ status, headers }: ResponseHead, body: ApiBody): void {
    if (this.#head === undefined) throw violation('a second head');
    const head = { status, headers: headersFrom(headers), body };
    this.#stopWaiting();
    this.#isSwitched = status === 101;
    this.#head.resolve(head);
    this.#head = undefined;
  }

  #answerEnds(error: Error | undefined): void {
    if (this.#head !== undefined && error === undefined) throw violation('an end before a head');
    this.#isAnswered = true;
    this.#tell(error);
    const isRequestOpen = this.#isSwitched && error === undefined;
    if (!this.#isRequestSent && !isRequestOpen) this.#endRequest();
    else this.#finishIfDone();
  }

  /** Tells whoever waits: for the head, or for more of the body. */
  #tell(error: Error | undefined): void {
    if (error === undefined) this.#body.end();
    else if (this.#head === undefined) this.#body.fail(error);
    else this.#head.reject(error);
    this.#head = undefined;
  }

  #finishIfDone(): void {
    if (this.#isOver || !this.#isRequestSent || !this.#isAnswered) return;
    this.#over();
    this.#options.onDone();
  }

  /** Ends it out of order: the wire is of no use afterwards. */
  #giveUp(error: Error): void {
    if (this.#isOver) return;
    this.#over();
    this.#tell(error);
    this.#options.wire.cancel();
  }

  #over(): void {
    this.#isOver = true;
    this.#stopWaiting();
    this.#options.request.signal.removeEventListener('abort', this.#onAbort);
  }

  #awaitSign(): void {
    this.#stopWaiting();
    this.#stopWaiting = this.#options.clock.after(silenceMs, () => {
      const message = `the agent was silent for ${silenceMs / 1000} s`;
      this.#giveUp(new ApiTunnelError('noAnswer', message, { mayHaveRun: true }));
    });
  }
}

function violation(what: string): ApiTunnelError {
  return new ApiTunnelError('violated', `the agent sent ${what}`, { mayHaveRun: true });
}
