/** Takes requests that came to another bridge, for clusters whose agents are linked to this one. */
import { type ServerDuplexStream } from '@grpc/grpc-js';
import { type FindHandler, type TunnelClock } from '@fairlead/api-tunnel';
import { type AgentTunnelMessage, type BridgeTunnelMessage } from '@fairlead/protocol';
import { type PeerProof } from './peer-tokens.ts';
/** A stream of exchanges, at the bridge that answers. */
export type PeerCall = ServerDuplexStream<BridgeTunnelMessage, AgentTunnelMessage>;
/** What takes requests of other bridges. */
export interface PeerServerDeps {
    /** Who calls. */
    readonly verify: (token: string) => Promise<PeerProof>;
    /** Who answers for an account: agents of this bridge alone, so that nothing goes in circles. */
    readonly findHandler: FindHandler;
    readonly clock: TunnelClock;
    /** Somebody was not let in. */
    readonly refused: (peer: string, reason: string) => void;
    /** Something has failed that should not. */
    readonly fault: (error: unknown) => void;
}
/** Takes a stream; it stays paused until its sender is known. */
export declare function acceptPeer(call: PeerCall, deps: PeerServerDeps): Promise<void>;
//# sourceMappingURL=node-peer-server.d.ts.map