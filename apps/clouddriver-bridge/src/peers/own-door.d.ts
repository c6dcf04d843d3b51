/** This bridge's door to the others, in both directions: the parts of this folder put together. */
import { type ApiHandler, type TunnelClock } from '@fairlead/api-tunnel';
import { type BridgeDoor } from '@fairlead/sql-cache';
import { type BridgePeers } from '../bridge-peers.ts';
import { type BridgeConfig } from '../config.ts';
import { type PeerServerDeps } from './node-peer-server.ts';
import { PeerApis } from './peer-apis.ts';
/** What a door is made of. */
export interface OwnDoorDeps {
    readonly grpc: BridgeConfig['grpc'];
    readonly bridgeId: string;
    readonly clock: TunnelClock;
    /** Another bridge cannot be reached. */
    readonly unreachable: (bridgeId: string, error: unknown) => void;
}
/** The door. */
export declare class OwnDoor {
    #private;
    constructor(deps: OwnDoorDeps);
    /** The gRPC port takes streams from now on. */
    opened(port: number): void;
    /** As the others are to know it. */
    describe(): Promise<BridgeDoor>;
    /** Ways to the others. */
    apisOf(peers: Pick<BridgePeers, 'doorOf'>): PeerApis;
    /** What takes requests of the others. */
    server(deps: {
        readonly peers: Pick<BridgePeers, 'publicKeyOf'>;
        readonly findHandler: (account: string) => ApiHandler | undefined;
        readonly refused: PeerServerDeps['refused'];
        readonly fault: PeerServerDeps['fault'];
    }): PeerServerDeps;
}
//# sourceMappingURL=own-door.d.ts.map