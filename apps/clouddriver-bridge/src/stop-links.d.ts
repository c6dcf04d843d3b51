/** How a bridge takes leave of its agents when it stops. */
import { type AccountRegistry } from '@fairlead/account-registry';
import { type Clock, type HealthRegistry, type Random } from '@fairlead/service-kit';
import { type AccountDesk } from './account-desk.ts';
import { type Tunnels } from './gateway/tunnels.ts';
import { type RunningLinkServer } from './grpc-link-server.ts';
/** What is taken leave of, and with. */
export interface StopLinksDeps {
    readonly clock: Clock;
    readonly random: Random;
    readonly health: HealthRegistry;
    readonly desk: AccountDesk;
    readonly accounts: AccountRegistry;
    readonly links: RunningLinkServer;
    readonly tunnels: Pick<Tunnels, 'counts'>;
}
/**
 * Takes no more batches, commits and acknowledges what is there, sends every agent away with a time
 * to come back. Nothing is decided about accounts on the way: the next bridge finds them as they are.
 */
export declare function stopLinks(deps: StopLinksDeps): Promise<void>;
/** Waits for `work`, but no longer than `ms`. */
export declare function withinMs(clock: Clock, work: Promise<void>, ms: number): Promise<void>;
//# sourceMappingURL=stop-links.d.ts.map