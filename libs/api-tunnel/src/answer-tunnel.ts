/** The agent's end of a tunnel: answers one request after the other with the account's handler. */
import type { BridgeTunnelMessage } from '@fairlead/protocol';
import { IncomingExchange, type AgentWire, type FindHandler } from './incoming-exchange.ts';
import type { TunnelClock } from './tunnel-wire.ts';

/** What a tunnel works with. */
export interface AnswerTunnelOptions {
  /** The stream to the bridge; the tunnel is its only listener. */
  readonly wire: AgentWire;
  /** For saying that a slow answer is still being worked at. */
  readonly clock: TunnelClock;
  /** Who answers for an account. */
  readonly findHandler: FindHandler;
  /** A handler has failed in a way that no handler should. */
  readonly onFault: (error: unknown) => void;
  /** The tunnel is gone. Once, and the last thing. */
  readonly onClosed: (reason: string) => void;
}

/** A tunnel that is served. */
export interface ServedTunnel {
  /** Whether a request is being answered. */
  readonly isBusy: boolean;
}

/** Serves a tunnel until its wire closes. */
export function serveTunnel(options: AnswerTunnelOptions): ServedTunnel {
  const { wire, clock, findHandler, onFault, onClosed } = options;
  let running: IncomingExchange | undefined;
  const onDone = (): void => (running = undefined);
  const begin = (message: BridgeTunnelMessage): void => {
    const { request } = message;
    if (request === undefined) {
      onFault(new Error('a tunnel brought a body without a request'));
      wire.cancel();
      return;
    }
    const first = { ...message, request };
    running = new IncomingExchange({ wire, clock, first, findHandler, onDone, onFault });
    running.begin();
  };
  wire.listen({
    message: (message) => (running === undefined ? begin(message) : running.receive(message)),
    closed: (reason) => {
      running?.broken(reason);
      running = undefined;
      onClosed(reason);
    },
  });
  return {
    get isBusy() {
      return running !== undefined;
    },
  };
}
