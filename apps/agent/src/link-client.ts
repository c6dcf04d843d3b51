/**
 * Keeps one link to the bridge: dials, dials again with growing delays, and obeys when the bridge
 * says how long to stay away. Each attempt has a channel of its own, so that no backoff hides in
 * grpc-js and a dead connection leaves nothing behind.
 */
import type { Backoff } from '@fairlead/service-kit';
import {
  LinkSession,
  type AccountMessage,
  type LinkSessionOptions,
  type LinkStream,
} from './link-session.ts';
import { LinkTunnels, type TunnelService, type TunnelStream } from './link-tunnels.ts';
import type { Link } from './link.ts';

/** An opened stream and how to free its channel. */
export interface DialledLink {
  /** The stream. */
  readonly stream: LinkStream;
  /** Opens a tunnel's stream on the same connection. */
  readonly openTunnel: () => TunnelStream;
  /** Frees the channel. */
  readonly close: () => void;
}

/** What happens on the way, for accounts, logs and metrics. */
export interface LinkListener {
  /** The link is open. */
  up(link: Link): void;
  /** The link is lost, or could not be had; tried again in `retryInMs`. */
  down(end: {
    readonly reason: string;
    readonly wasOpen: boolean;
    readonly retryInMs: number;
  }): void;
  /** A message for accounts or feeds. */
  message(message: AccountMessage): void;
}

/** What a client works with. */
export interface LinkClientOptions extends Pick<LinkSessionOptions, 'hello' | 'clock'> {
  /** Opens a channel and a stream on it, with fresh credentials. */
  readonly dial: () => Promise<DialledLink>;
  /** Delays between attempts. */
  readonly backoff: Backoff;
  /** Who is told. */
  readonly listener: LinkListener;
  /** What tunnels are served with. */
  readonly tunnels: TunnelService;
}

/** How many tunnels there are. */
export interface TunnelCounts {
  /** They answer a request now. */
  readonly busy: number;
  /** They wait for one. */
  readonly idle: number;
}

/** A link that had been open this long was healthy: the delays start over. */
const healthyLinkMs = 10_000;

/** The agent's link. */
export class LinkClient {
  readonly #options: LinkClientOptions;
  #session: LinkSession | undefined;
  #tunnels: LinkTunnels | undefined;
  #waiting = new AbortController();

  constructor(options: LinkClientOptions) {
    this.#options = options;
  }

  /** Keeps a link until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { backoff, clock, listener } = this.#options;
    while (!signal.aborted) {
      const startedMs = clock.nowMs();
      const end = await this.#connect(signal);
      const livedMs = clock.nowMs() - startedMs;
      if (end.wasOpen && livedMs >= healthyLinkMs) backoff.reset();
      const retryInMs = end.comeBackAfterMs ?? backoff.nextDelayMs();
      listener.down({ reason: end.reason, wasOpen: end.wasOpen, retryInMs });
      this.#waiting = new AbortController();
      const until = AbortSignal.any([signal, this.#waiting.signal]);
      await clock.sleep(retryInMs, until).catch(ignoreAbort);
    }
  }

  /** Tunnels of the open link. */
  tunnels(): TunnelCounts {
    const { open = 0, busy = 0 } = this.#tunnels ?? {};
    return { busy, idle: open - busy };
  }

  /** Ends the open link in order; to be called before `run`'s signal aborts. */
  async leave(reason: string): Promise<void> {
    await this.#session?.leave(reason);
  }

  /** Ends the open link, the attempt or the wait under way, and dials anew at once. */
  reconnect(reason: string): void {
    this.#session?.close(reason, 0);
    this.#waiting.abort();
  }

  async #connect(signal: AbortSignal) {
    const { dial, hello, clock, listener, tunnels: service } = this.#options;
    let dialled: DialledLink;
    try {
      dialled = await dial();
    } catch (error: unknown) {
      const reason = error instanceof Error ? error.message : String(error);
      return { reason, comeBackAfterMs: undefined, wasOpen: false };
    }
    const { stream, openTunnel, close } = dialled;
    const session = new LinkSession({
      open: () => stream,
      hello,
      clock,
      onOpen: (link) => {
        const { terms, closed } = link;
        const { tunnelTicket: ticket } = terms;
        this.#tunnels = new LinkTunnels({ ...service, open: openTunnel, ticket, closed });
        listener.up(link);
      },
      onNeedTunnels: (count) => this.#tunnels?.need(count),
      onMessage: (message) => listener.message(message),
    });
    this.#session = session;
    const onAbort = (): void => session.close('the agent stops');
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      return await session.ended;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#session = undefined;
      this.#tunnels = undefined;
      close();
    }
  }
}

function ignoreAbort(): void {
  // The loop looks at the signal next.
}
