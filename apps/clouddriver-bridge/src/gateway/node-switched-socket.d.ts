import { type Duplex } from 'node:stream';
import { type ApiResponse } from '@fairlead/api-tunnel';
/** Switches, and passes the cluster's bytes on until it has no more. */
export declare function runSwitched(answer: ApiResponse, socket: Duplex): Promise<void>;
/** An answer to a request that wanted to switch and may not: then the connection ends. */
export declare function writeRefusal(answer: ApiResponse, socket: Duplex): Promise<void>;
//# sourceMappingURL=node-switched-socket.d.ts.map