import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type AgentMessage, type BridgeMessage } from '@fairlead/protocol';
import { type AgentCredentials, type AuthenticateAgent } from './access/agent-authenticator.ts';
import { type LinkPlaceLimits } from './access/link-places.ts';
import { type BridgeEvents } from './bridge-events.ts';
import { type BridgeConfig } from './config.ts';
import { type TunnelServerDeps } from './gateway/node-tunnel-server.ts';
import { type PeerServerDeps } from './peers/node-peer-server.ts';
import { type LinkLimits } from './link-limits.ts';
import { type LinkHost, type SessionClock } from './link-session.ts';
/** What the server works with. */
export interface LinkServerDeps {
    /** Who an agent is. */
    readonly authenticate: AuthenticateAgent;
    /** The bridge behind the links. */
    readonly host: LinkHost;
    /** Time. */
    readonly clock: SessionClock;
    /** Logs and metrics. */
    readonly events: BridgeEvents;
    /** How much one agent may have. */
    readonly limits: LinkLimits & LinkPlaceLimits;
    /** Where tunnels go. */
    readonly tunnels: TunnelServerDeps;
    /** What takes requests of other bridges. */
    readonly peers: PeerServerDeps;
}
/** A server that listens. */
export interface RunningLinkServer {
    /** The port it is bound to. */
    readonly port: number;
    /** Takes no new links; ends those that are left after `graceMs`. */
    stop(graceMs: number): Promise<void>;
}
type LinkCall = ServerDuplexStream<AgentMessage, BridgeMessage>;
/** Binds and serves; rejects when the address cannot be bound. */
export declare function startLinkServer(grpc: BridgeConfig['grpc'], deps: LinkServerDeps): Promise<RunningLinkServer>;
/** What a call shows of who makes it. */
export declare function agentCredentialsOf(call: Pick<LinkCall, 'metadata' | 'getPeer' | 'getAuthContext'>): AgentCredentials;
export {};
//# sourceMappingURL=grpc-link-server.d.ts.map