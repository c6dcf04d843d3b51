/** The bridge's end of a tunnel: carries one exchange at a time, and the next when that is done. */
import type { ApiRequest, ApiResponse } from './api-exchange.ts';
import { OutgoingExchange, type BridgeWire } from './outgoing-exchange.ts';
import type { TunnelClock } from './tunnel-wire.ts';

/** What a tunnel works with. */
export interface RequestTunnelOptions {
  readonly wire: BridgeWire;
  readonly clock: TunnelClock;
  /** An exchange is over on both sides: the tunnel may carry the next one. */
  readonly onIdle: (tunnel: RequestTunnel) => void;
  /** The tunnel is gone. Once, and the last thing. */
  readonly onClosed: (tunnel: RequestTunnel, reason: string) => void;
}

/** A tunnel, seen from the side that asks. */
export class RequestTunnel {
  readonly #options: RequestTunnelOptions;
  #running: OutgoingExchange | undefined;
  #isClosed = false;

  constructor(options: RequestTunnelOptions) {
    this.#options = options;
    options.wire.listen({
      message: (message) => this.#running?.receive(message),
      closed: (reason) => this.#closed(reason),
    });
  }

  /** Whether it can take a request now. */
  get isIdle(): boolean {
    return this.#running === undefined && !this.#isClosed;
  }

  /** Ends the tunnel at once; an exchange on it fails. */
  close(reason: string): void {
    this.#closed(reason);
    this.#options.wire.cancel();
  }

  /** Sends a request; the tunnel must be idle. Rejects with `ApiTunnelError`. */
  exchange(account: string, request: ApiRequest): Promise<ApiResponse> {
    if (!this.isIdle) throw new Error('the tunnel is not idle');
    const { wire, clock } = this.#options;
    const onDone = (): void => {
      this.#running = undefined;
      if (!this.#isClosed) this.#options.onIdle(this);
    };
    this.#running = new OutgoingExchange({ wire, clock, account, request, onDone });
    return this.#running.answer;
  }

  #closed(reason: string): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#running?.broken(reason);
    this.#running = undefined;
    this.#options.onClosed(this, reason);
  }
}
