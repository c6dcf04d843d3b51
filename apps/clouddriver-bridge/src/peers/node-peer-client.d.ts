import { type BridgeDoor } from '@fairlead/sql-cache';
import { type PeerConnection } from './peer-apis.ts';
/** What connections are made with. */
export interface PeerClientOptions {
    /** Proves to a bridge who asks. */
    readonly tokenFor: (bridgeId: string) => Promise<string>;
    /** What this bridge shows of itself where client certificates are asked for; read for each. */
    readonly identity: () => Promise<{
        readonly cert: Buffer;
        readonly key: Buffer;
    } | undefined>;
}
/** Connections to a bridge; the first stream dials. */
export declare function connectPeer(bridgeId: string, door: BridgeDoor, options: PeerClientOptions): PeerConnection;
//# sourceMappingURL=node-peer-client.d.ts.map