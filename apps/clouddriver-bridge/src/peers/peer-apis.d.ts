/** The ways to clusters whose agents are linked to other bridges: a pool of tunnels for each of those. */
import { type ApiHandler, type BridgeWire, type TunnelClock } from '@fairlead/api-tunnel';
import { type BridgeDoor } from '@fairlead/sql-cache';
/** Connections to one other bridge. */
export interface PeerConnection {
    /** Opens a stream for exchanges. Rejects if none can be had. */
    open(): Promise<BridgeWire>;
    /** Ends all of them. */
    close(): void;
}
/** What the ways work with. */
export interface PeerApisDeps {
    /** Where a bridge that lives takes requests. */
    readonly doorOf: (bridgeId: string) => BridgeDoor | undefined;
    /** Makes connections; nothing is dialled yet. */
    readonly connect: (bridgeId: string, door: BridgeDoor) => PeerConnection;
    readonly clock: TunnelClock;
    /** A bridge cannot be reached. */
    readonly failed: (bridgeId: string, error: unknown) => void;
}
/** All ways to other bridges. */
export declare class PeerApis {
    #private;
    constructor(deps: PeerApisDeps);
    /** Sends requests of an account to the bridge that has it; `undefined` if that takes none. */
    handlerOf(bridgeId: string, account: string): ApiHandler | undefined;
    /** Ends all. */
    close(): void;
}
//# sourceMappingURL=peer-apis.d.ts.map