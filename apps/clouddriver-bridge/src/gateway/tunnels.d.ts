import { type ApiHandler, type BridgeWire, type TunnelClock } from '@fairlead/api-tunnel';
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
export declare class Tunnels {
    #private;
    constructor(clock: TunnelClock);
    /** A link is open: its agent is asked for the first tunnels. */
    opened(link: TunnelLink): void;
    /** A link is gone, and all that runs in its tunnels with it. */
    closed({ linkId, tunnelTicket }: TunnelLink, reason: string): void;
    /** An agent has opened a tunnel; `false` if no link here gave out the ticket, or it has too many. */
    add(ticket: string, wire: BridgeWire): boolean;
    /** Sends an account's requests through a link; `undefined` if its agent knows no tunnels. */
    handlerOf({ linkId }: TunnelLink, account: string): ApiHandler | undefined;
    /** For metrics. */
    counts(): TunnelCounts;
}
//# sourceMappingURL=tunnels.d.ts.map