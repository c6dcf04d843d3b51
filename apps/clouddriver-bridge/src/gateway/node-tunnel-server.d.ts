/** Takes the tunnels that agents open: a tunnel says which link it belongs to, and then waits there. */
import { type TunnelClock } from '@fairlead/api-tunnel';
import { type AgentTunnelMessage, type BridgeTunnelMessage } from '@fairlead/protocol';
import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type Tunnels } from './tunnels.ts';
/** The stream of a tunnel, at the bridge. */
export type TunnelCall = ServerDuplexStream<AgentTunnelMessage, BridgeTunnelMessage>;
/** What takes tunnels. */
export interface TunnelServerDeps {
    readonly tunnels: Pick<Tunnels, 'add'>;
    readonly clock: TunnelClock;
}
/** Takes a stream. */
export declare function acceptTunnel(call: TunnelCall, { tunnels, clock }: TunnelServerDeps): void;
//# sourceMappingURL=node-tunnel-server.d.ts.map