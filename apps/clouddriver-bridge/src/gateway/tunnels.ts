/** The tunnels of all links of this bridge: a pool for each link, found by the ticket that it gave out. */
import { hash } from 'node:crypto';
import {
  TunnelPool,
  type ApiHandler,
  type BridgeWire,
  type TunnelClock,
} from '@fairlead/api-tunnel';
import { Capability } from '@fairlead/protocol';
import { type LinkSession } from '../link-session.ts';

/** What is used of a link. */
export type TunnelLink = Pick<LinkSession, 'linkId' | 'hello' | 'tunnelTicket' | 'send'>;

/** How many tunnels there are. */
export interface TunnelCounts {
  /** They carry a request now. */
  readonly busy: number;
  /** They wait for one. */
  readonly idle: number;
}

/** All tunnels. */
export class Tunnels {
  readonly #clock: TunnelClock;
  readonly #pools = new Map<string, TunnelPool>();
  /** By digest: how long a look-up takes tells nothing about tickets. */
  readonly #byTicket = new Map<string, TunnelPool>();

  constructor(clock: TunnelClock) {
    this.#clock = clock;
  }

  /** A link is open: its agent is asked for the first tunnels. */
  opened(link: TunnelLink): void {
    if (link.hello?.capabilities.includes(Capability.TUNNELS) !== true) return;
    const pool = new TunnelPool({
      ask: (count) => link.send({ $case: 'needTunnels', value: { count } }),
      clock: this.#clock,
    });
    this.#pools.set(link.linkId, pool);
    this.#byTicket.set(digest(link.tunnelTicket), pool);
  }

  /** A link is gone, and all that runs in its tunnels with it. */
  closed({ linkId, tunnelTicket }: TunnelLink, reason: string): void {
    this.#pools.get(linkId)?.close(`the link to the agent is lost: ${reason}`);
    this.#pools.delete(linkId);
    this.#byTicket.delete(digest(tunnelTicket));
  }

  /** An agent has opened a tunnel; `false` if no link here gave out the ticket, or it has too many. */
  add(ticket: string, wire: BridgeWire): boolean {
    return this.#byTicket.get(digest(ticket))?.add(wire) ?? false;
  }

  /** Sends an account's requests through a link; `undefined` if its agent knows no tunnels. */
  handlerOf({ linkId }: TunnelLink, account: string): ApiHandler | undefined {
    const pool = this.#pools.get(linkId);
    return pool && ((request) => pool.exchange(account, request));
  }

  /** For metrics. */
  counts(): TunnelCounts {
    const pools = [...this.#pools.values()];
    const busy = pools.reduce((sum, pool) => sum + pool.busy, 0);
    return { busy, idle: pools.reduce((sum, pool) => sum + pool.open, 0) - busy };
  }
}

function digest(ticket: string): string {
  return hash('sha256', ticket, 'base64url');
}
