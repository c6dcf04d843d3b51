/**
 * The tunnels of one link, at the agent: opened when the bridge asks for them, served until it ends
 * them, all ended with the link.
 */
import {
  serveTunnel,
  StreamWire,
  type FindHandler,
  type ServedTunnel,
  type TunnelClock,
} from '@fairlead/api-tunnel';
import type { AgentTunnelMessage, BridgeTunnelMessage } from '@fairlead/protocol';
import { status, type ClientDuplexStream } from '@grpc/grpc-js';
import { describeStreamError } from './stream-error.ts';

/** The stream of a tunnel as grpc-js gives it. */
export type TunnelStream = ClientDuplexStream<AgentTunnelMessage, BridgeTunnelMessage>;

/** What tunnels are served with. */
export interface TunnelService {
  readonly clock: TunnelClock;
  /** Who answers for an account. */
  readonly findHandler: FindHandler;
  /** Something has failed that should not. */
  readonly onFault: (error: unknown) => void;
  /** More than a few requests are answered at a time. Called often. */
  readonly onCrowd: () => void;
}

/** What the tunnels of a link work with. */
export interface LinkTunnelsOptions extends TunnelService {
  /** Opens a stream on the link's connection. */
  readonly open: () => TunnelStream;
  /** The link, as the bridge named it. */
  readonly ticket: string;
  /** Aborts when the link is lost. */
  readonly closed: AbortSignal;
}

/**
 * More than any bridge asks for: one that has gone wrong must not take the agent's memory. A tunnel
 * at rest costs some 20 KB.
 */
const mostTunnels = 4_000;

/** So many tunnels are more than people with kubectl need. */
const crowd = 8;

/**
 * A proxy that spreads streams may lead a tunnel to a bridge that does not know the link: so often
 * it is opened again at once. The bridge asks anew when all of them went astray.
 */
const mostTries = 8;

/** The tunnels of a link. */
export class LinkTunnels {
  readonly #options: LinkTunnelsOptions;
  readonly #streams = new Map<TunnelStream, ServedTunnel | undefined>();

  constructor(options: LinkTunnelsOptions) {
    this.#options = options;
    options.closed.addEventListener('abort', () => this.#cancelAll(), { once: true });
  }

  /** How many there are. */
  get open(): number {
    return this.#streams.size;
  }

  /** How many requests are being answered. */
  get busy(): number {
    return [...this.#streams.values()].filter((tunnel) => tunnel?.isBusy === true).length;
  }

  /** Opens so many more. */
  need(count: number): void {
    const { closed, ticket } = this.#options;
    if (closed.aborted || ticket === '') return;
    const room = mostTunnels - this.#streams.size;
    for (let at = 0; at < Math.min(count, room); at += 1) this.#start(1);
    if (this.#streams.size >= crowd) this.#options.onCrowd();
  }

  #start(attempt: number): void {
    const { open, ticket, clock, findHandler, onFault } = this.#options;
    const stream = open();
    this.#streams.set(stream, undefined);
    let wentAstray = false;
    stream.on('error', ({ code }: { code?: status }) => {
      wentAstray = code === status.FAILED_PRECONDITION;
    });
    const wire = new StreamWire(stream, {
      cancel: () => stream.cancel(),
      describe: describeStreamError,
    });
    const onClosed = (): void => {
      this.#streams.delete(stream);
      const isWanted = wentAstray && attempt < mostTries && !this.#options.closed.aborted;
      if (isWanted) this.#start(attempt + 1);
    };
    this.#streams.set(stream, serveTunnel({ wire, clock, findHandler, onFault, onClosed }));
    wire.send({ ...hello, hello: { ticket } });
  }

  #cancelAll(): void {
    for (const stream of this.#streams.keys()) stream.cancel();
    this.#streams.clear();
  }
}

const hello: AgentTunnelMessage = Object.freeze({
  ...{ hello: undefined, response: undefined, failure: undefined },
  ...{ data: new Uint8Array(0), end: false, working: false },
});
